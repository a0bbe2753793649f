/// Results of checks and tests in JUnit's XML, for continuous integration.
public struct JUnit: Sendable {
  /// Name of the run.
  public var name: String
  /// The suites, in order: of a check, one for each language.
  public var suites: [Suite]

  /// A group of cases.
  public struct Suite: Sendable {
    /// Name of the suite.
    public var name: String
    /// The cases, in order.
    public var cases: [Case]

    /// Creates a suite.
    public init(name: String, cases: [Case]) {
      self.name = name
      self.cases = cases
    }
  }

  /// One recording, expectation or sound that was checked.
  public struct Case: Sendable {
    /// Name of the case: `03-safe-here`.
    public var name: String
    /// The class name, which programs show as a dotted path: `ro.f1`.
    public var group: String
    /// Length of the sound in seconds.
    public var length: Double
    /// Why the case fails, one line each; empty if it passes.
    public var failures: [String]
    /// The code of the first failure.
    public var code: String
    /// Other remarks, one line each.
    public var remarks: [String]

    /// Creates a case.
    public init(
      name: String, group: String, length: Double = 0, failures: [String] = [], code: String = "",
      remarks: [String] = []
    ) {
      self.name = name
      self.group = group
      self.length = length
      self.failures = failures
      self.code = code
      self.remarks = remarks
    }
  }

  /// Creates a run.
  public init(name: String, suites: [Suite]) {
    self.name = name
    self.suites = suites
  }

  /// The XML document.
  public var document: String {
    let all = suites.flatMap(\.cases)
    let tree: HTML = """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="\(name)" \(counts(all))>
      \(suites.map(suite))</testsuites>

      """
    return tree.markup
  }

  private func counts(_ cases: [Case]) -> HTML {
    let failed = cases.filter { !$0.failures.isEmpty }.count
    return "tests=\"\(cases.count)\" failures=\"\(failed)\" errors=\"0\" time=\"\(seconds(cases))\""
  }

  private func suite(_ suite: Suite) -> HTML {
    """
    <testsuite name="\(suite.name)" \(counts(suite.cases)) skipped="0">
    \(suite.cases.map(entry))</testsuite>

    """
  }

  /// Writes at most one failure, because some readers refuse a second.
  private func entry(_ entry: Case) -> HTML {
    let failure: HTML? = entry.failures.first.map { first in
      """
      <failure type="\(entry.code)" message="\(first)">\(entry.failures.joined(separator: "\n"))</failure>

      """
    }
    let output: HTML? =
      entry.remarks.isEmpty
      ? nil
      : """
      <system-out>\(entry.remarks.joined(separator: "\n"))</system-out>

      """
    return """
      <testcase name="\(entry.name)" classname="\(entry.group)" time="\(seconds([entry]))">
      \(failure)\(output)</testcase>

      """
  }

  private func seconds(_ cases: [Case]) -> String {
    let hundredths = Int((cases.reduce(0) { $0 + $1.length } * 100).rounded())
    return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
  }
}
