import Diagnostics
import KitBuilder
import Posix
import Synchronization
import Web

/// Long work beside the requests: one thread for each, at most one of a kind on one subject in a project.
final class JobBoard: Sendable {
  /// One piece of long work.
  struct Job: Encodable, Sendable {
    var id: String
    var project: String
    var kind: Kind
    /// What it works on, if there can be several of its kind: a draft.
    var subject: String?
    var state = State.running
    /// How many recordings are done.
    var done = 0
    var of = 0
    var errors: [Diagnostic] = []
    /// Whether it can be stopped.
    var stoppable: Bool
  }

  /// Kinds of long work.
  enum Kind: String, Encodable, Sendable {
    case build
    case check
    case image
    case `import`
    case page
    case plan
    case speak
  }

  /// How far a job is.
  enum State: String, Encodable, Sendable { case running, done, failed, stopped }

  private struct Board {
    var jobs: [Job] = []
    /// Of those that run and can be stopped, by their ids.
    var cancellations: [String: Cancellation] = [:]
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
    let (job, isNew) = add(kind, project, nil, nil)
    if isNew { try run(job) { progress, _ throws(Refusal) in try work(progress) } }
    return job
  }

  /// Starts a job that can be stopped; returns the running one if the project has one of that kind and subject.
  ///
  /// - Parameters:
  ///   - subject: what it works on, if there can be several of its kind.
  ///   - isAlone: refuses instead of returning a running one, which may have other options.
  ///   - work: as in the other form; its second argument says whether it should end. What it throws then is not
  ///     reported.
  func start(
    _ kind: Kind, project: String, subject: String? = nil, isAlone: Bool = false,
    stoppable work: @escaping @Sendable (@escaping @Sendable (Int, Int) -> Void, Cancellation) throws(Refusal) -> Void
  ) throws(Refusal) -> Job {
    let (job, isNew) = add(kind, project, subject, Cancellation())
    if isNew {
      try run(job, work)
    } else if isAlone {
      throw Refusal(
        423, "locked", "the same work is being done in this project already", "wait until it has ended, or stop it")
    }
    return job
  }

  /// Adds a job; returns the running one if there is one of that kind and subject.
  private func add(
    _ kind: Kind, _ project: String, _ subject: String?, _ cancellation: Cancellation?
  ) -> (job: Job, isNew: Bool) {
    board.withLock { board in
      let running = board.jobs.first { job in
        job.kind == kind && job.project == project && job.subject == subject && job.state == .running
      }
      if let running { return (running, false) }
      board.number += 1
      let job = Job(
        id: "\(board.number)", project: project, kind: kind, subject: subject, stoppable: cancellation != nil)
      board.jobs.append(job)
      board.cancellations[job.id] = cancellation
      if board.jobs.count > Self.limit { board.jobs.removeFirst() }
      return (job, true)
    }
  }

  private func run(
    _ job: Job,
    _ work: @escaping @Sendable (@escaping @Sendable (Int, Int) -> Void, Cancellation) throws(Refusal) -> Void
  ) throws(Refusal) {
    let cancellation = board.withLock { $0.cancellations[job.id] } ?? Cancellation()
    do throws(SystemError) {
      try Thread("job") {
        do throws(Refusal) {
          try work({ done, all in self.step(job.id, done, all) }, cancellation)
          self.finish(job.id, .done, [])
        } catch {
          let isStopped = cancellation.isCancelled
          self.finish(job.id, isStopped ? .stopped : .failed, isStopped ? [] : error.diagnostics)
        }
      }.detach()
    } catch {
      finish(job.id, .failed, [])
      throw Refusal(500, "failed", "the work cannot be started: \(error)", "close other programs, and try again")
    }
  }

  /// Asks a job to end. It ends a moment later, with the state `stopped`, or with `done` if nothing was left to do.
  ///
  /// - Returns: false if it does not run, or cannot be stopped.
  func stop(_ id: String) -> Bool {
    guard let cancellation = board.withLock({ $0.cancellations[id] }) else { return false }
    cancellation.cancel()
    return true
  }

  /// Returns the job of a kind that runs in a project; nil if none does.
  func running(_ kind: Kind, project: String) -> Job? {
    board.withLock { board in
      board.jobs.first { $0.kind == kind && $0.project == project && $0.state == .running }
    }
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
      board.cancellations[id] = nil
      return board.jobs[index]
    }
    if let job { events.publish("job", job) }
  }
}
