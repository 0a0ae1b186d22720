package storecli

// What the tests look at more closely.
var (
	Snapshot    = snapshot
	CopyData    = copyData
	CopyNonZero = copyNonZero
)
