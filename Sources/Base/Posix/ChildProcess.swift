import Glibc

/// Runs a program to its end, without a shell.
public enum ChildProcess {
  /// How a program ended.
  public struct Outcome: Sendable {
    /// Exit code; 128 + N where signal N ended the program.
    public var code: Int
    /// The first 64 KiB that it wrote to standard output and standard error.
    public var output: String
  }

  /// Runs a program and waits for its end. posix_spawnp(3), waitpid(2)
  ///
  /// Standard input is /dev/null.
  ///
  /// - Parameters:
  ///   - program: a path, or a name that PATH is searched for.
  ///   - arguments: without the program's name.
  ///   - seconds: the time after which the program is killed.
  ///   - result: a descriptor for the program's standard output, which then is not in the outcome.
  /// - Throws: ENOENT where there is no such program; ETIMEDOUT where it was killed.
  public static func run(
    _ program: String, _ arguments: [String], seconds: Int, result: CInt? = nil
  ) throws(SystemError) -> Outcome {
    var ends: [CInt] = [0, 0]
    // In place of pipe2(2), which the Glibc module lacks: no child of another thread may inherit the descriptors.
    let kind = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    try posix("socketpair") { socketpair(AF_UNIX, kind, 0, &ends) }
    let reading = FileDescriptor(owning: ends[0])
    let process = try spawn(program, arguments, output: FileDescriptor(owning: ends[1]), result: result)
    do throws(SystemError) {
      let output = try collect(reading, until: .now.adding(milliseconds: seconds * 1000))
      return Outcome(code: try wait(process), output: output)
    } catch {
      kill(process, SIGKILL)
      _ = try? wait(process)
      throw SystemError("run", path: program, code: error.code)
    }
  }

  /// Consumes the writing end, so that only the child holds it.
  private static func spawn(
    _ program: String, _ arguments: [String], output: consuming FileDescriptor, result: CInt?
  ) throws(SystemError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, result ?? output.raw, 1)
    posix_spawn_file_actions_adddup2(&actions, output.raw, 2)
    var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }
    var process = pid_t()
    // Returns the error code and does not set errno.
    let code = posix_spawnp(&process, program, &actions, nil, words, environ)
    if code != 0 { throw SystemError("run", path: program, code: code) }
    return process
  }

  /// Reads until the child closes its end of the pipe.
  private static func collect(
    _ output: borrowing FileDescriptor, until deadline: Monotonic
  ) throws(SystemError) -> String {
    var bytes: [UInt8] = []
    while true {
      var poll = Poll()
      let number = poll.add(output.raw, events: Int32(POLLIN))
      try poll.wait(until: deadline)
      if poll.answer(number) == 0 {
        if Monotonic.now < deadline { continue }
        throw SystemError("run", code: ETIMEDOUT)
      }
      let part = try output.read(atMost: 4096)
      if part.isEmpty { return String(decoding: bytes, as: UTF8.self) }
      if bytes.count < 65_536 { bytes += part }
    }
  }

  private static func wait(_ process: pid_t) throws(SystemError) -> Int {
    var status: CInt = 0
    try posix("waitpid") { waitpid(process, &status, 0) }
    let signal = Int(status & 0x7F)
    return signal == 0 ? Int(status >> 8 & 0xFF) : 128 + signal
  }
}
