/// Test results in the Test Anything Protocol, version 14: a subtest for each suite, a line for each case.
public struct TAP: Sendable {
  /// The suites, in order.
  public var suites: [JUnit.Suite]

  /// Creates a document of these suites.
  public init(_ suites: [JUnit.Suite]) { self.suites = suites }

  /// The document.
  public var document: String {
    var lines = ["TAP version 14", "1..\(suites.count)"]
    for (number, suite) in suites.enumerated() {
      lines.append("# Subtest: \(Self.plain(suite.name))")
      lines.append("    1..\(suite.cases.count)")
      for (place, entry) in suite.cases.enumerated() { lines += Self.lines(entry, place + 1) }
      let isGood = suite.cases.allSatisfy { $0.failures.isEmpty }
      lines.append("\(isGood ? "ok" : "not ok") \(number + 1) - \(Self.plain(suite.name))")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func lines(_ entry: JUnit.Case, _ number: Int) -> [String] {
    let name = "\(number) - \(plain(entry.group)): \(plain(entry.name))"
    if entry.failures.isEmpty {
      return ["    ok \(name)"] + entry.remarks.map { "    # \($0)" }
    }
    // A YAML block with texts in double quotes, as in JSON.
    return ["    not ok \(name)", "      ---", "      message: \(quoted(entry.failures[0]))"]
      + (entry.failures.count > 1
        ? ["      others:"] + entry.failures.dropFirst().map { "        - \(quoted($0))" } : [])
      + ["      ..."]
  }

  /// Escapes `#`, which begins a directive, and replaces line breaks.
  private static func plain(_ text: String) -> String {
    text.map { $0 == "#" || $0 == "\\" ? "\\\($0)" : $0.isNewline ? " " : String($0) }.joined()
  }

  private static func quoted(_ text: String) -> String {
    "\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : $0.isNewline ? "\\n" : String($0) }.joined() + "\""
  }
}
