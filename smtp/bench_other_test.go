//go:build !unix

package smtp

import "time"

// processorTime is not known here.
func processorTime() time.Duration { return 0 }
