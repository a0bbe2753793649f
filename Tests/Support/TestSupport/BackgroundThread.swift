import Glibc

/// A thread that performs one action while the test blocks, such as a press during a poll.
public final class BackgroundThread {
  private final class Job: @unchecked Sendable {
    // `failure` is written by the thread and read after the join, so never at the same time.
    let body: () throws -> Void
    var failure: (any Error)?
    init(_ body: @escaping () throws -> Void) { self.body = body }
  }
  private let job: Job
  private var thread = pthread_t()

  /// Starts the thread.
  public init(_ body: @escaping () throws -> Void) {
    job = Job(body)
    pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        let job = Unmanaged<Job>.fromOpaque(context).takeRetainedValue()
        do { try job.body() } catch { job.failure = error }
        return nil
      }, Unmanaged.passRetained(job).toOpaque())
  }

  /// Sends a signal to the thread. pthread_kill(3)
  public func signal(_ number: CInt) { pthread_kill(thread, number) }

  /// Waits for the thread.
  ///
  /// - Throws: the error of its body.
  public func finish() throws {
    pthread_join(thread, nil)
    if let failure = job.failure { throw failure }
  }
}
