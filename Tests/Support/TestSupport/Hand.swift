import Glibc

/// A thread of its own for a moment, so that somebody can sleep meanwhile.
public final class Hand {
  private final class Job: @unchecked Sendable {
    // Written by the thread before it ends and read after the join: never at the same time.
    let body: () throws -> Void
    var failure: (any Error)?
    init(_ body: @escaping () throws -> Void) { self.body = body }
  }
  private let job: Job
  private var thread = pthread_t()

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

  public func signal(_ number: CInt) { pthread_kill(thread, number) }

  public func finish() throws {
    pthread_join(thread, nil)
    if let failure = job.failure { throw failure }
  }
}
