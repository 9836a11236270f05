"""The refusals of equipment that is entered, out of order or retired; the others are in scheduling/refusals.py."""

from scheduling.refusals import Refusal


class EquipmentOutOfOrder(Refusal):
    """The piece of equipment is out of order at that time."""


class EquipmentCountedOn(Refusal):
    """Tests to come count on the piece that is out of order: they are mended first."""


class EquipmentKnown(Refusal):
    """The centre has a piece of this name."""


class EquipmentNeeded(Refusal):
    """Tests to come need the piece, and no other one can take its place."""


BY_CONSTRAINT: dict[str, type[Refusal]] = {
    "equipment_out_of_order": EquipmentOutOfOrder,
    "equipment_counted_on": EquipmentCountedOn,
    "equipment_known": EquipmentKnown,
    "equipment_needed": EquipmentNeeded,
}
