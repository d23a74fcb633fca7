"""Where a command works: file, environment and flags, and what a file may not do unasked."""

import pytest

from leadops.cli.projectfile import open_project
from leadops.cli.settings import load_settings, require_account, seconds
from leadops.cli.trust import trust
from leadops.core.errors import ConfigurationError


def _toml(home, text):
    (home / "leadops.toml").write_text(text)


def test_the_environment_alone_is_enough(home):
    settings = load_settings(
        environment={"TELECRM_ENTERPRISE_ID": "e1", "TELECRM_SYNC_TOKEN": "secret", "HOME": str(home)}
    )
    require_account(settings)
    assert settings.enterprise_id == "e1"
    assert settings.token.reveal() == "secret"
    assert "secret" not in repr(settings)


def test_the_environment_wins_over_the_file_and_a_flag_over_both(home):
    _toml(home, '[profiles.default]\nenterprise_id = "file"\nrate = 100\n')
    settings = load_settings(environment={"TELECRM_ENTERPRISE_ID": "env"}, rate=200)
    assert (settings.enterprise_id, settings.rate) == ("env", 200)
    assert load_settings(environment={}).enterprise_id == "file"


def test_the_file_is_found_upward_but_not_beyond_the_repository(home):
    _toml(home, '[profiles.default]\nenterprise_id = "file"\n')
    deep = home / "a" / "b"
    deep.mkdir(parents=True)
    assert load_settings(environment={}, folder=deep).root == home
    (home / "a" / ".git").mkdir()
    assert load_settings(environment={}, folder=deep).enterprise_id == ""


def test_an_unknown_setting_is_an_error_with_a_suggestion(home):
    _toml(home, '[profiles.default]\nenterprise = "x"\ntimezon = "Asia/Kolkata"\n')
    with pytest.raises(ConfigurationError) as error:
        load_settings(environment={})
    assert "timezon" in error.value.message
    assert "“timezone”" in error.value.message


def test_the_mark_in_actions_can_be_switched_off(home):
    assert load_settings(environment={}).marker
    _toml(home, '[profiles.default]\nmarker = "off"\n')
    assert not load_settings(environment={}).marker


def test_a_token_in_the_file_is_refused(home):
    _toml(home, '[profiles.default]\ntoken = "secret"\n')
    with pytest.raises(ConfigurationError, match="never stands in this file") as error:
        load_settings(environment={})
    assert "secret" not in error.value.message


def test_a_token_file_must_be_private(home):
    secret = home.parent / "token"
    secret.write_text("secret\n")
    secret.chmod(0o644)
    _toml(home, '[profiles.default]\ntoken = { file = "../token" }\n')
    with pytest.raises(ConfigurationError) as error:
        require_account(load_settings(environment={"TELECRM_ENTERPRISE_ID": "e1"}))
    assert "chmod 600" in error.value.help
    secret.chmod(0o600)
    assert load_settings(environment={}).token.reveal() == "secret"


def test_a_token_command_runs_only_in_a_trusted_file_and_a_change_takes_the_trust_away(home, tmp_path):
    _toml(home, '[profiles.default]\ntoken = { command = "echo secret" }\n')
    env = {"LEADOPS_STATE": str(tmp_path / "state"), "PATH": "/usr/bin:/bin"}
    with pytest.raises(ConfigurationError) as error:
        require_account(load_settings(environment=env | {"TELECRM_ENTERPRISE_ID": "e1"}))
    assert "leadops trust" in error.value.help
    trust(tmp_path / "state", open_project(home / "leadops.toml"))
    assert load_settings(environment=env).token.reveal() == "secret"
    _toml(home, '[profiles.default]\ntoken = { command = "echo other" }\n')
    with pytest.raises(ConfigurationError):
        require_account(load_settings(environment=env | {"TELECRM_ENTERPRISE_ID": "e1"}))


def test_a_token_is_looked_for_only_by_what_calls_the_service(home, leadops):
    _toml(home, '[profiles.default]\nenterprise_id = "e1"\ntoken = { command = "touch asked" }\n')
    trust(home.parent / "state", open_project(home / "leadops.toml"))
    assert leadops("check", "-e", "find leads where status = Won; set rating 5")[0] == 0
    assert not (home / "asked").exists()
    code, _, err = leadops("plan", "-e", "find leads where status = Won; set rating 5")
    assert code == 78
    assert "the token command of leadops.toml gave no token" in err
    assert (home / "asked").exists()


def test_a_variable_that_is_not_set_is_named_with_the_ways_out(home, leadops):
    _toml(home, '[profiles.default]\nenterprise_id = "e1"\ntoken = { env = "SALES_TOKEN" }\n')
    code, _, err = leadops("plan", "-e", "find leads where status = Won; set rating 5")
    assert code == 78
    assert "SALES_TOKEN is not set" in err
    assert "--sandbox" in err


def test_the_sandbox_reads_no_token_and_no_account(home):
    settings = load_settings(sandbox=True, environment={"TELECRM_SYNC_TOKEN": "secret"})
    assert settings.token is None
    require_account(settings)


def test_an_unknown_profile_is_named(home):
    _toml(home, '[profiles.main]\nenterprise_id = "x"\n')
    with pytest.raises(ConfigurationError) as error:
        load_settings(profile="mai", environment={})
    assert "“main”" in error.value.help


@pytest.mark.parametrize(
    ("text", "value"), [("90s", 90), ("2m", 120), ("500ms", 0.5), ("1h", 3600), ("90", 90), ("1.5s", 1.5)]
)
def test_durations(text, value):
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["", "soon", "-1s", "5 fortnights", "nan", "inf"])
def test_no_durations(text):
    with pytest.raises(ConfigurationError):
        seconds(text)


def test_the_only_profile_is_taken_whatever_it_is_called(home):
    _toml(home, '[profiles.pune]\nenterprise_id = "only"\n')
    settings = load_settings(environment={})
    assert (settings.profile, settings.enterprise_id) == ("pune", "only")


def test_of_several_profiles_one_must_be_named(home):
    _toml(home, '[profiles.pune]\nenterprise_id = "1"\n[profiles.delhi]\nenterprise_id = "2"\n')
    with pytest.raises(ConfigurationError, match="several profiles") as error:
        load_settings(environment={})
    assert "--profile" in error.value.help
    assert load_settings(environment={"LEADOPS_PROFILE": "delhi"}).enterprise_id == "2"
    _toml(home, '[profiles.pune]\nenterprise_id = "1"\n[profiles.default]\nenterprise_id = "2"\n')
    assert load_settings(environment={}).enterprise_id == "2"


def test_a_default_profile_that_is_stated_is_the_one_or_an_error(home):
    _toml(home, 'default_profile = "dehli"\n[profiles.delhi]\nenterprise_id = "2"\n')
    with pytest.raises(ConfigurationError) as error:
        load_settings(environment={})
    assert "“delhi”" in error.value.help


def test_a_byte_order_mark_before_the_settings_is_no_part_of_them(home):
    (home / "leadops.toml").write_bytes(b'\xef\xbb\xbf[profiles.default]\nenterprise_id = "marked"\n')
    assert load_settings(environment={}).enterprise_id == "marked"
