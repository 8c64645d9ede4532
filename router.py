"""The router: page configuration and navigation, nothing else."""

from codybatch.ui.navigation import route

route()
