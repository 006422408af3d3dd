"""The wire to the PBX: AGI, AMI, channels."""
