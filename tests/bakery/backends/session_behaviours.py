"""What Django demands of every session engine, as its documents describe it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.utils import timezone


class SessionBehaviours:
    """Subclasses set `engine`, the SessionStore class."""

    engine: type

    def reopened(self, session):
        return self.engine(session.cookie_value)

    def test_a_new_session_is_empty_and_untouched(self):
        session = self.engine()
        assert session.is_empty()
        assert not session.modified
        assert session.get("bread") is None
        assert session.get("bread", "none") == "none"

    def test_a_value_is_found_again(self):
        session = self.engine()
        session["bread"] = {"milk": 2}
        session.save()
        assert session.modified
        assert self.reopened(session)["bread"] == {"milk": 2}

    def test_reading_does_not_modify(self):
        session = self.engine()
        session["bread"] = 1
        session.save()
        again = self.reopened(session)
        assert again.get("bread") == 1
        assert list(again.keys()) == ["bread"]
        assert list(again.values()) == [1]
        assert list(again.items()) == [("bread", 1)]
        assert again.has_key("bread")
        assert again.accessed
        assert not again.modified

    def test_values_are_set_by_default_updated_and_popped(self):
        session = self.engine()
        assert session.setdefault("bread", 1) == 1
        assert session.setdefault("bread", 2) == 1
        session.update({"roll": 3})
        assert session.pop("bread") == 1
        assert session.pop("bread", "gone") == "gone"
        with pytest.raises(KeyError):
            session.pop("bread")
        session.save()
        assert dict(self.reopened(session).items()) == {"roll": 3}

    def test_a_removed_value_stays_removed(self):
        session = self.engine()
        session.update({"bread": 1, "roll": 2})
        session.save()
        again = self.reopened(session)
        del again["bread"]
        again.save()
        assert dict(self.reopened(again).items()) == {"roll": 2}

    def test_clear_empties_it(self):
        session = self.engine()
        session["bread"] = 1
        session.save()
        again = self.reopened(session)
        again.clear()
        again.save()
        assert dict(self.reopened(again).items()) == {}

    def test_flush_forgets_it_on_every_server(self):
        session = self.engine()
        session["bread"] = 1
        session.save()
        cookie, key = session.cookie_value, session.session_key
        session.flush()
        assert session.session_key is None
        assert not session.exists(key)
        assert self.engine(cookie).get("bread") is None

    def test_cycling_the_key_keeps_the_values_under_a_new_key_only(self):
        session = self.engine()
        session["bread"] = 1
        session.save()
        before = session.session_key
        session.cycle_key()
        session.save()
        assert session.session_key != before
        assert not session.exists(before)
        assert self.reopened(session)["bread"] == 1

    def test_cycling_the_key_of_an_unsaved_session_makes_it(self):
        session = self.engine()
        session["bread"] = 1
        session.cycle_key()
        assert session.exists(session.session_key)

    def test_an_unknown_key_is_not_taken_over(self):
        session = self.engine("1" * 32)
        session["bread"] = 1
        session.save()
        assert session.session_key != "1" * 32

    @pytest.mark.parametrize("value", ["", "short", "a.b.c", "x" * 500, ".7", "\x00"])
    def test_a_forged_cookie_is_a_new_session(self, value):
        session = self.engine(value)
        assert session.get("bread") is None
        session["bread"] = 1
        session.save()
        assert len(session.session_key) == 32

    def test_a_save_after_a_delete_does_not_bring_it_back(self):
        session = self.engine()
        session["bread"] = 1
        session.save()
        late = self.reopened(session)
        late["bread"] = 2
        session.delete()
        with pytest.raises(UpdateError):
            late.save()
        assert not session.exists(session.session_key)

    def test_an_expired_session_is_gone(self):
        session = self.engine()
        session["bread"] = 1
        session.set_expiry(timezone.now() - timedelta(seconds=1))
        session.save()
        assert self.engine(f"{session.session_key}.0").get("bread") is None

    def test_expired_sessions_are_swept(self):
        old, live = self.engine(), self.engine()
        old.set_expiry(-3600)
        old.save()
        live.save()
        self.engine.clear_expired()
        assert not old.exists(old.session_key)
        assert live.exists(live.session_key)

    def test_a_decoded_session_is_what_was_encoded(self):
        session = self.engine()
        assert session.decode(session.encode({"bread": 1})) == {"bread": 1}
        assert session.decode("forged") == {}
