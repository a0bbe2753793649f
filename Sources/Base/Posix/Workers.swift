import Glibc
import Synchronization

/// Threads that share out a list of independent pieces of work.
public enum Workers {
  /// The number of processors that are online. sysconf(3)
  public static var cores: Int { max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN))) }

  /// Calls `work` for 0..<count on several threads. At most one piece a thread is in memory at a time.
  ///
  /// - Parameters:
  ///   - count: the number of pieces.
  ///   - threads: the number of threads, this one included. Where no further thread can be created, the others do all.
  ///   - cancellation: begins no further piece after it; the results then lack the pieces that were not made.
  ///   - done: called after each piece with the number of pieces that are done; never by two threads at once.
  ///   - work: called with the index of a piece.
  /// - Returns: the results in the order of the indices, whichever thread was faster.
  public static func map<Result: Sendable>(
    _ count: Int, threads: Int, until cancellation: Cancellation? = nil, done: (@Sendable (Int) -> Void)? = nil,
    _ work: @escaping @Sendable (Int) -> Result
  ) -> [Result] {
    if count == 0 { return [] }
    let job = Job(count: count, cancellation: cancellation, done: done, work: work)
    let helpers = (1..<max(1, min(threads, count))).compactMap { _ in try? Thread("worker") { job.run() } }
    job.run()
    for helper in helpers { helper.join() }
    return job.results
  }
}

/// The pieces of one call, and their results.
private final class Job<Result: Sendable>: Sendable {
  private struct State {
    var next = 0
    var done = 0
    var results: [Result?]
  }

  private let count: Int
  private let cancellation: Cancellation?
  private let done: (@Sendable (Int) -> Void)?
  private let work: @Sendable (Int) -> Result
  private let state: Mutex<State>

  init(
    count: Int, cancellation: Cancellation?, done: (@Sendable (Int) -> Void)?,
    work: @escaping @Sendable (Int) -> Result
  ) {
    self.count = count
    self.cancellation = cancellation
    self.done = done
    self.work = work
    state = Mutex(State(results: Array(repeating: nil, count: count)))
  }

  /// Works until no piece is left.
  func run() {
    while let index = take() {
      let result = work(index)
      state.withLock { state in
        state.results[index] = result
        state.done += 1
        done?(state.done)
      }
    }
  }

  private func take() -> Int? {
    if cancellation?.isCancelled == true { return nil }
    return state.withLock { state in
      if state.next == count { return nil }
      defer { state.next += 1 }
      return state.next
    }
  }

  var results: [Result] { state.withLock { $0.results.compactMap { $0 } } }
}
