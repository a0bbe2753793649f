import Diagnostics
import Posix
import Synchronization
import Web

/// Long work beside the requests: one thread for each, at most one of a kind in a project.
final class JobBoard: Sendable {
  /// One piece of long work.
  struct Job: Encodable, Sendable {
    var id: String
    var project: String
    var kind: Kind
    var state = State.running
    /// How many recordings are done.
    var done = 0
    var of = 0
    var errors: [Diagnostic] = []
  }

  /// Kinds of long work.
  enum Kind: String, Encodable, Sendable { case check }

  /// How far a job is.
  enum State: String, Encodable, Sendable { case running, done, failed }

  private struct Board {
    var jobs: [Job] = []
    var number = 0
    /// The time of the last event about progress.
    var last: Monotonic?
  }

  private let events: EventHub
  private let board = Mutex(Board())
  /// How many jobs are remembered.
  private static let limit = 50
  /// The least time between two events about progress, in milliseconds.
  private static let pause = 100

  /// Creates a board that publishes events of the name `job`.
  init(events: EventHub) { self.events = events }

  /// Starts a job; returns the running one if the project has one of that kind.
  ///
  /// - Parameter work: runs on a thread of its own; calls its argument with how many pieces are done, and of how many.
  func start(
    _ kind: Kind, project: String,
    _ work: @escaping @Sendable (@escaping @Sendable (Int, Int) -> Void) throws(Refusal) -> Void
  ) throws(Refusal) -> Job {
    let (job, isNew) = board.withLock { board in
      if let running = board.jobs.first(where: { $0.kind == kind && $0.project == project && $0.state == .running }) {
        return (running, false)
      }
      board.number += 1
      let job = Job(id: "\(board.number)", project: project, kind: kind)
      board.jobs.append(job)
      if board.jobs.count > Self.limit { board.jobs.removeFirst() }
      return (job, true)
    }
    if !isNew { return job }
    do throws(SystemError) {
      try Thread("job") {
        do throws(Refusal) {
          try work { done, all in self.step(job.id, done, all) }
          self.finish(job.id, .done, [])
        } catch { self.finish(job.id, .failed, error.diagnostics) }
      }.detach()
    } catch {
      finish(job.id, .failed, [])
      throw Refusal(500, "failed", "the work cannot be started: \(error)", "close other programs, and try again")
    }
    return job
  }

  /// Returns a job; nil if there is none, or if it is forgotten.
  func job(_ id: String) -> Job? { board.withLock { board in board.jobs.first { $0.id == id } } }

  private func step(_ id: String, _ done: Int, _ all: Int) {
    let job = board.withLock { board -> Job? in
      guard let index = board.jobs.firstIndex(where: { $0.id == id }) else { return nil }
      board.jobs[index].done = done
      board.jobs[index].of = all
      if let last = board.last, Monotonic.now < last.adding(milliseconds: Self.pause) { return nil }
      board.last = .now
      return board.jobs[index]
    }
    if let job { events.publish("job", job) }
  }

  private func finish(_ id: String, _ state: State, _ errors: [Diagnostic]) {
    let job = board.withLock { board -> Job? in
      guard let index = board.jobs.firstIndex(where: { $0.id == id }) else { return nil }
      board.jobs[index].state = state
      board.jobs[index].errors = errors
      return board.jobs[index]
    }
    if let job { events.publish("job", job) }
  }
}
