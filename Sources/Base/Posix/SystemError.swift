import Glibc

/// What the kernel refused: the operation, the path where there is one, and errno(3).
public struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The call that failed, named as in its manual page: `open`, `read`, `bind`.
  public let operation: String
  public let path: String?
  public let code: CInt

  public init(_ operation: String, path: String? = nil, code: CInt) {
    self.operation = operation
    self.path = path
    self.code = code
  }

  /// `PATH: cannot OPERATION: cause`, without a path where the call has none.
  public var description: String {
    let what = "cannot \(operation): \(cause)"
    return path.map { "\($0): \(what)" } ?? what
  }

  /// The kernel's reason in words.
  public var cause: String { Self.message(code) }

  /// strerror(3)
  static func message(_ code: CInt) -> String { String(cString: strerror(code)) }
}

/// The one funnel for calls that return -1 and set errno: repeats on EINTR, throws on anything else.
///
/// errno is read at once, before anything else can change it.
@discardableResult
public func posix<Result: FixedWidthInteger & SignedInteger>(
  _ operation: String, path: String? = nil, _ call: () -> Result
) throws(SystemError) -> Result {
  while true {
    let result = call()
    if result != -1 { return result }
    let code = errno
    if code != EINTR { throw SystemError(operation, path: path, code: code) }
  }
}
