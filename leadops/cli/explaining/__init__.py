"""What a playbook means, in plain sentences, as far as it can be known without the network."""
