"""What every basket store must do when one basket is poured into another."""

from __future__ import annotations

import pytest

from basket.backends.base import BasketStore, Line
from basket.exceptions import BasketIsClosed, OwnerHasBasket

T = "a" * 32
OTHER = "b" * 32
NEXT = "c" * 32


class MergeContract:
    """Part of StoreContract."""

    def test_the_owner_is_known_by_the_token(self, store):
        assert store.owner_of(T) == ""
        store.merge(T, OTHER, owner="mina")
        assert (store.owner_of(T), store.owner_of(OTHER)) == ("", "mina")

    def test_merging_sums_lines_and_leads_on(self, store: BasketStore):
        store.add(T, "rye", 2, operation="one", details={"seen_cents": 470})
        store.add(T, "bun", 1, operation="two")
        store.add(OTHER, "rye", 3, operation="one", details={"seen_cents": 450})
        came = store.merge(T, OTHER, owner="customer-5")
        assert came == [Line("rye", 2, {"seen_cents": 470}), Line("bun", 1, {})]
        assert store.read(OTHER).lines == (
            Line("rye", 5, {"seen_cents": 470}),
            Line("bun", 1, {}),
        )
        assert store.read(OTHER).version == 3
        assert (store.read(T).state, store.read(T).next_token) == ("merged", OTHER)
        assert store.token_of("customer-5") == OTHER

    def test_a_repeated_merge_doubles_nothing_and_gives_the_same_list(self, store):
        store.add(T, "rye", 2, operation="one")
        store.add(OTHER, "rye", 3, operation="one")
        came = store.merge(T, OTHER)
        after = store.read(OTHER)
        assert store.merge(T, OTHER) == came
        assert store.read(OTHER) == after
        store.close(OTHER, version=after.version, next_token=NEXT)
        assert store.merge(T, OTHER) == came

    def test_merging_says_which_pieces_did_not_fit_into_a_line(self, store):
        store.add(T, "rye", 60, operation="one", details={"seen_cents": 450})
        store.add(OTHER, "rye", 50, operation="one")
        came = store.merge(T, OTHER)
        assert came == [Line("rye", 60, {"seen_cents": 450}, left_out=11)]
        assert store.read(OTHER).lines == (Line("rye", 99, {"seen_cents": 450}),)
        assert store.merge(T, OTHER) == came

    def test_merging_says_which_lines_did_not_fit(self, store: BasketStore):
        for number in range(99):
            store.add(OTHER, f"item-{number}", 1, operation=f"add-{number}")
        for item in ("fits", "item-3", "stays"):
            store.add(T, item, 2, operation=item)
        came = store.merge(T, OTHER)
        assert came == [
            Line("fits", 2),
            Line("item-3", 2),
            Line("stays", 2, left_out=2),
        ]
        merged = store.read(OTHER)
        assert len(merged.lines) == 100
        assert merged.line("item-3").quantity == 3
        assert merged.line("stays") is None

    def test_the_poured_basket_decides_the_day_if_it_has_one(self, store: BasketStore):
        store.remember(OTHER, {"day": "2026-11-24", "slot": 3}, operation="one")
        store.merge(T, OTHER)
        assert store.read(OTHER).details == {"day": "2026-11-24", "slot": 3}
        store.remember(NEXT, {"day": "2026-11-25"}, operation="one")
        store.merge(NEXT, OTHER)
        assert store.read(OTHER).details == {"day": "2026-11-25"}

    def test_merging_two_empty_baskets_still_leads_on(self, store: BasketStore):
        assert store.merge(T, OTHER) == []
        with pytest.raises(BasketIsClosed) as refused:
            store.add(T, "rye", 1, operation="late")
        assert refused.value.next_token == OTHER

    def test_merging_a_basket_into_itself_only_sets_its_owner(self, store):
        store.add(T, "rye", 2, operation="one")
        assert store.merge(T, T, owner="customer-5") == []
        assert store.read(T).lines == (Line("rye", 2, {}),)
        assert store.read(T).state == "open"
        assert store.token_of("customer-5") == T

    def test_merging_into_or_from_a_closed_basket_changes_nothing(self, store):
        store.add(T, "rye", 2, operation="one")
        store.add(OTHER, "rye", 3, operation="one")
        store.close(OTHER, version=1, next_token=NEXT)
        before = store.read(T), store.read(OTHER)
        for old, into in ((T, OTHER), (OTHER, T)):
            with pytest.raises(BasketIsClosed) as refused:
                store.merge(old, into)
            assert refused.value.next_token == NEXT
        assert (store.read(T), store.read(OTHER)) == before

    def test_a_basket_merged_elsewhere_says_where_it_went(self, store: BasketStore):
        store.add(T, "rye", 2, operation="one")
        store.merge(T, OTHER)
        with pytest.raises(BasketIsClosed) as refused:
            store.merge(T, NEXT)
        assert refused.value.next_token == OTHER
        assert store.read(NEXT).version == 0
        assert store.read(OTHER).pieces == 2

    def test_an_owner_has_one_open_basket(self, store: BasketStore):
        store.merge(T, T, owner="customer-5")
        store.add(OTHER, "rye", 2, operation="one")
        before = store.read(OTHER)
        with pytest.raises(OwnerHasBasket) as refused:
            store.merge(OTHER, OTHER, owner="customer-5")
        assert refused.value.token == T
        assert store.read(OTHER) == before
        assert store.merge(OTHER, T, owner="customer-5") == [Line("rye", 2)]

    def test_an_owners_next_basket_is_found_after_an_order(self, store: BasketStore):
        store.merge(T, T, owner="customer-5")
        version = store.read(T).version
        store.close(T, version=version, next_token=NEXT)
        assert store.token_of("customer-5") is None
        assert store.token_of("") is None
