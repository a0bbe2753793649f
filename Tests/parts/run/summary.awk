# Summarises the output of a test run: every failed test with its issues, every skipped one, and the counts as the last
# line. Reads the output of Swift Testing, and lines that begin with `pass `, `FAIL ` or `skip `. What failed at a first
# try only, in lines that begin with `first try: `, is named too, and not counted.
#
#   LC_ALL=C awk -f summary.awk [where=NAME] LOG [where=NAME LOG…]
#
# With LC_ALL=C the signs before Swift Testing's lines are bytes outside ASCII.

BEGIN { sign = "^[^ -~\t]+ " }

FNR == 1 { finish(); place = where == "" ? "" : " (" where ")"; ran = swift = 0 }

# An issue continues in lines that begin with an arrow or are indented.
inIssue {
  if (($0 ~ sign && $0 !~ /^↳ /) || ($0 !~ sign && $0 !~ /^  /) || ++length_ > 40) inIssue = 0
  else { issues[test] = issues[test] "\n      " $0; next }
}

/^first try: / {
  text = substr($0, 12)
  if (text ~ /^FAIL /) retries[++retried] = substr(text, 6) place
  else if (text ~ sign && text ~ /^[^ ]+ Test .* recorded an issue /) {
    sub(/^[^ ]+ Test /, "", text)
    retries[++retried] = text place
  }
  next
}
/^pass / { passed++; next }
/^FAIL / { fail(substr($0, 6)); next }
/^skip / { skip(substr($0, 6)); next }

/^Test Suite 'All tests' started/ { swift = 1 }
/: error: |^error: |Fatal error: / { if (errorCount < 20) errors[++errorCount] = "    " $0; next }

$0 !~ sign { next }

# "◇ Test NAME started." Tests with the same name in several suites are counted by occurrence.
/^[^ ]+ Test run started/ { finish(); ran = 0; swift = 1; next }
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
  if (retried) print "Failed at the first try, beside others:"
  for (i = 1; i <= retried; i++) print "  " retries[i]
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

# A run without a closing line: it did not build, it crashed, or it was killed.
function finish(  text, i, test) {
  inIssue = 0
  if (!ran && (swift || errorCount)) {
    text = "the tests did not finish"
    for (i = 1; i <= errorCount; i++) text = text "\n" errors[i]
    for (test in open) text = text "\n    under way: " test issues[test]
    fail(text)
  }
  errorCount = 0
  split("", open)
  split("", issues)
}
