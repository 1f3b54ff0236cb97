// Package conformance holds what `ptpwatch decode` prints against tshark's
// reading of the same captures, field by field. It has tests only.
package conformance
