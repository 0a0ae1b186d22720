package storecli

// What the tests look at more closely.
var (
	Snapshot    = snapshot
	CopyData    = copyData
	CopyNonZero = copyNonZero
)

// InOrder answers the names of files in the order in which they are copied.
func InOrder(names ...string) []string {
	var files []file
	for _, name := range names {
		files = append(files, file{name: name})
	}
	var ordered []string
	for _, one := range inOrder(files) {
		ordered = append(ordered, one.name)
	}
	return ordered
}
