import Glibc

/// A failed system call: the operation, the path if there is one, and errno(3).
public struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The failed call as its manual page names it: `open`, `read`, `bind`.
  public let operation: String
  /// The file that the call was for.
  public let path: Path?
  /// The errno(3) value.
  public let code: CInt

  /// Creates an error of `operation`, for the file `path` if there is one.
  public init(_ operation: String, path: (any PathConvertible)? = nil, code: CInt) {
    self.operation = operation
    self.path = path.map { Path($0) }
    self.code = code
  }

  /// `PATH: cannot OPERATION: cause`; without a path, `cannot OPERATION: cause`.
  public var description: String {
    let what = "cannot \(operation): \(cause)"
    return path.map { "\($0): \(what)" } ?? what
  }

  /// The text for `code`. strerror(3)
  public var cause: String { Self.message(code) }

  /// Returns the text for an errno(3) value. strerror(3)
  static func message(_ code: CInt) -> String { String(cString: strerror(code)) }

  /// Returns the same error with `path`, if it has none of its own.
  public func at(_ path: some PathConvertible) -> SystemError {
    SystemError(operation, path: self.path ?? Path(path), code: code)
  }
}

/// Makes a system call that returns -1 and sets errno on failure, and repeats it on EINTR.
///
/// The one place where return codes become errors: errno is read before anything else can change it.
///
/// - Parameters:
///   - operation: the call's name in its manual page.
///   - path: the file that the call is for.
///   - call: makes the call and returns its result; runs again after EINTR.
@discardableResult
public func posix<Result: FixedWidthInteger & SignedInteger>(
  _ operation: String, path: (any PathConvertible)? = nil, _ call: () -> Result
) throws(SystemError) -> Result {
  while true {
    let result = call()
    if result != -1 { return result }
    let code = errno
    if code != EINTR { throw SystemError(operation, path: path, code: code) }
  }
}

/// Evaluates an expression and throws its error as another one.
///
///     let bytes = try mapError(StoreError.system, Files.read(path))
///
/// - Parameters:
///   - convert: returns the error to throw, for the expression's own.
///   - value: the expression.
public func mapError<Value: ~Copyable, Inner: Error, Outer: Error>(
  _ convert: (Inner) -> Outer, _ value: @autoclosure () throws(Inner) -> Value
) throws(Outer) -> Value {
  do throws(Inner) { return try value() } catch { throw convert(error) }
}
