"""The image from which clones come: for this machine, containers and clouds."""
