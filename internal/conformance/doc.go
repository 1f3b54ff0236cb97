// Package conformance holds what ptpwatch says against what others say of the
// same captures: what `ptpwatch decode` prints against tshark's reading, field
// by field, and what the analysis measures against the simulator's truth and
// against a second implementation of the formulas. It has tests only.
package conformance
