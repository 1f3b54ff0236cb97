//go:build !unix

package state

import "os"

// lock holds nothing here: whoever starts two agents on one folder is not told.
func lock(*os.File) error { return nil }
