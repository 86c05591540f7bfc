from collections import Counter

import pytest

from live.controls import ACTIONS, HELP, Controls


def test_every_key_does_what_the_table_says_and_no_other_key_does_anything():
    done: list[str] = []
    controls = Controls({action.name: lambda name=action.name: done.append(name) for action in ACTIONS})
    for action in ACTIONS:
        for key in action.keys:
            done.clear()
            controls.press(key)
            assert done == [action.name], key
    done.clear()
    for key in ("x", "f12", "left shift", ""):
        controls.press(key)
    assert done == []


def test_no_key_is_given_twice():
    keys = Counter(key for action in ACTIONS for key in action.keys)
    assert [key for key, count in keys.items() if count > 1] == []


def test_the_help_names_every_action_with_its_keys():
    assert [row[1] for row in HELP] == [action.help for action in ACTIONS]
    named = {"escape": "Esc", "up": "Arrow up", "down": "Arrow down", "-": "−"}
    for action, (label, _) in zip(ACTIONS, HELP, strict=True):
        for key in action.keys:
            if not key.startswith("[") and key != "=":
                assert named.get(key, key.capitalize()) in label, key


def test_a_table_and_handlers_that_differ_are_a_mistake():
    handlers = {action.name: lambda: None for action in ACTIONS}
    with pytest.raises(ValueError, match="quit"):
        Controls({name: handler for name, handler in handlers.items() if name != "quit"})
    with pytest.raises(ValueError, match="explode"):
        Controls(handlers | {"explode": lambda: None})


def test_the_key_names_are_pygames():
    import pygame

    known = {pygame.key.name(getattr(pygame, name)) for name in dir(pygame) if name.startswith("K_")}
    assert {key for action in ACTIONS for key in action.keys} <= known
