package folder

// flagged is the end of the name of a mail that was read. A colon can't be in
// the name of a file here; programs that know maildirs take this for it.
const flagged = ";2,S"

// dead tells that no process has that number, which here nobody can ask.
func dead(int) bool { return false }
