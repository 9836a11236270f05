// How a criterion comes to its state, by the rules of assessments/marking.py: there they decide, here they are shown.
export function stateOf(criterion, markOf) {
  const marks = criterion.indicators.map((one) => ({ ...one, mark: markOf(one.code) }));
  const met = marks.filter((one) => one.mark === "met").length;
  const unobserved = marks.filter((one) => !one.mark || one.mark === "not_observed");
  const eliminated = marks.filter((one) => one.eliminatory && one.mark === "not_met");
  let state = "undecided";
  if (eliminated.length || met + unobserved.length < criterion.threshold) state = "not_met";
  else if (met >= criterion.threshold && !unobserved.some((one) => one.eliminatory)) state = "met";
  const eliminatory = marks.filter((one) => one.eliminatory);
  return { state, met, all: marks.length, threshold: criterion.threshold, eliminated, eliminatory };
}
