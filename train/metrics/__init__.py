"""Figures of rollouts and pictures, and their score."""
