/// Findings in the XML that programs for continuous integration read: a suite for each language, a case for each
/// recording that should be there.
public struct JUnit: Sendable {
  public var name: String
  public var suites: [Suite]

  public struct Suite: Sendable {
    public var name: String
    public var cases: [Case]

    public init(name: String, cases: [Case]) {
      self.name = name
      self.cases = cases
    }
  }

  public struct Case: Sendable {
    /// `03-safe-here`
    public var name: String
    /// `ro.f1`: programs show it as a path of points.
    public var group: String
    /// Seconds of sound.
    public var length: Double
    /// What makes it fail, a line each, the first with its code.
    public var failures: [String]
    public var code: String
    /// What else is to be said, a line each.
    public var remarks: [String]

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

  public init(name: String, suites: [Suite]) {
    self.name = name
    self.suites = suites
  }

  /// The file's content.
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

  /// At most one failure: some readers refuse a second.
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
