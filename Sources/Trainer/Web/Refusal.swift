import Diagnostics

/// Why a request has no other answer.
public struct Refusal: Error, Equatable, Sendable {
  /// The HTTP status, 400...599.
  public var status: Int
  /// What is wrong; the first one has the code for programs.
  public var diagnostics: [Diagnostic]

  /// Creates a refusal with several diagnostics.
  public init(_ status: Int, _ diagnostics: [Diagnostic]) {
    self.status = status
    self.diagnostics = diagnostics
  }

  /// Creates a refusal with one diagnostic without a place.
  ///
  /// - Parameters:
  ///   - code: a stable word for programs.
  ///   - message: what is wrong.
  ///   - remedy: what to do, in the imperative.
  public init(_ status: Int, _ code: String, _ message: String, _ remedy: String) {
    self.init(status, [Diagnostic(code: code, path: "", message: message, remedy: remedy)])
  }

  /// Returns a refusal by the guard.
  static func forbidden(_ message: String) -> Refusal {
    Refusal(
      403, "forbidden", "the request does not come from the page: \(message)", "use the page that this program serves")
  }
}
