import Glibc
import Synchronization

/// Threads that share out a list of independent pieces of work.
public enum Workers {
  /// Processors that this process may use. sched_getaffinity(2)
  public static var cores: Int { max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN))) }

  /// Calls `work` for 0..<count on `threads` threads and gives the results in order, so that they do not depend on
  /// who was faster. Only as many pieces as there are threads are in memory at a time.
  ///
  /// - Parameter done: called after each piece with how many are done; never from two threads at once.
  public static func map<Result: Sendable>(
    _ count: Int, threads: Int, done: (@Sendable (Int) -> Void)? = nil, _ work: @escaping @Sendable (Int) -> Result
  ) -> [Result] {
    if count == 0 { return [] }
    let job = Job(count: count, done: done, work: work)
    // This thread works too: if no other can be made, it does all.
    let helpers = (1..<max(1, min(threads, count))).compactMap { _ in start(job) }
    job.run()
    for helper in helpers { pthread_join(helper, nil) }
    return job.results
  }

  private static func start(_ job: some Runnable) -> pthread_t? {
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(job))
    let code = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().job.run()
        return nil
      }, box.toOpaque())
    if code == 0 { return thread }
    box.release()
    return nil
  }
}

private protocol Runnable: AnyObject, Sendable {
  func run()
}

/// Carries a job through a C pointer.
private final class Box: Sendable {
  let job: any Runnable
  init(_ job: some Runnable) { self.job = job }
}

private final class Job<Result: Sendable>: Runnable {
  private struct State {
    var next = 0
    var done = 0
    var results: [Result?]
  }

  private let count: Int
  private let done: (@Sendable (Int) -> Void)?
  private let work: @Sendable (Int) -> Result
  private let state: Mutex<State>

  init(count: Int, done: (@Sendable (Int) -> Void)?, work: @escaping @Sendable (Int) -> Result) {
    self.count = count
    self.done = done
    self.work = work
    state = Mutex(State(results: Array(repeating: nil, count: count)))
  }

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
    state.withLock { state in
      if state.next == count { return nil }
      defer { state.next += 1 }
      return state.next
    }
  }

  var results: [Result] { state.withLock { $0.results.compactMap { $0 } } }
}
