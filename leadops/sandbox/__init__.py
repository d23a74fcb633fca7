"""The emulator of the TeleCRM APIs: store, filters, routes, switches, faults, app."""
