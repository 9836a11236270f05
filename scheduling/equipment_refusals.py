"""The refusals of equipment that is out of order; the others are in scheduling/refusals.py."""

from scheduling.refusals import Refusal


class EquipmentOutOfOrder(Refusal):
    """The piece of equipment is out of order at that time."""


class EquipmentCountedOn(Refusal):
    """Tests to come count on the piece that is out of order: they are mended first."""


BY_CONSTRAINT: dict[str, type[Refusal]] = {
    "equipment_out_of_order": EquipmentOutOfOrder,
    "equipment_counted_on": EquipmentCountedOn,
}
