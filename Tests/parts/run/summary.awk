# What one has to know of a run, after all of it went by: every failed test with its issues, every skipped one, and as
# the last line how many there were. Reads what was printed: by `swift test`, and by the lanes that print lines which
# begin with `pass `, `FAIL ` or `skip `.
#
#   LC_ALL=C awk -f summary.awk [where=NAME] LOG [where=NAME LOG…]
#
# LC_ALL=C: the signs before Swift Testing's lines are then bytes that no letter, blank or bracket has.

BEGIN { sign = "^[^ -~\t]+ " }

FNR == 1 { finish(); place = where == "" ? "" : " (" where ")"; ran = swift = 0 }

# An issue goes on in lines that begin with an arrow or are set in.
inIssue {
  if (($0 ~ sign && $0 !~ /^↳ /) || ($0 !~ sign && $0 !~ /^  /) || ++length_ > 40) inIssue = 0
  else { issues[test] = issues[test] "\n      " $0; next }
}

/^pass / { passed++; next }
/^FAIL / { fail(substr($0, 6)); next }
/^skip / { skip(substr($0, 6)); next }

/^Test Suite 'All tests' started/ { swift = 1 }
/: error: |^error: |Fatal error: / { if (errorCount < 20) errors[++errorCount] = "    " $0; next }

$0 !~ sign { next }

# "◇ Test NAME started." Tests of one name in several suites count as often as they are told of.
/^[^ ]+ Test run started/ { swift = 1; next }
/^[^ ]+ Test run with / { ran = 1; next }
/^[^ ]+ Test case passing / { next }
/^[^ ]+ Test .* started\.$/ { open[name(" started\\.$")]++; next }
/^[^ ]+ Test .* skipped(\.|: .*)$/ { skip(name("$")); next }
/^[^ ]+ Test .* recorded an issue / {
  test = name(" recorded an issue .*$")
  text = $0
  sub(/^.* recorded an issue /, "", text)
  issues[test] = issues[test] "\n    " text
  inIssue = 1
  length_ = 0
  next
}
/^[^ ]+ Test .* passed after / { passed++; close_(name("( with [0-9]+ test cases?)? passed after .*$")); next }
/^[^ ]+ Test .* failed after / {
  test = name("( with [0-9]+ test cases?)? failed after .*$")
  close_(test)
  fail(test issues[test])
  delete issues[test]
  next
}

END {
  finish()
  print ""
  if (failed) print "Failed:"
  for (i = 1; i <= failed; i++) print "  " failures[i]
  if (skipped) print "Skipped:"
  for (i = 1; i <= skipped; i++) print "  " skips[i]
  printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
}

function name(rest,  text) {
  text = $0
  sub(/^[^ ]+ Test /, "", text)
  sub(rest, "", text)
  return text
}

function close_(test) { if (--open[test] <= 0) delete open[test] }

function fail(text) { failures[++failed] = text place }

function skip(text) { skips[++skipped] = text place }

# A run of tests that was begun and has no closing line: it did not build, it crashed, or it was killed.
function finish(  text, i, test) {
  inIssue = 0
  if (!ran && (swift || errorCount)) {
    text = "the tests did not come to their end"
    for (i = 1; i <= errorCount; i++) text = text "\n" errors[i]
    for (test in open) text = text "\n    under way: " test issues[test]
    fail(text)
  }
  errorCount = 0
  split("", open)
  split("", issues)
}
