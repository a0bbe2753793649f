import Catalogue
import Glibc
import KitBuilder
import Posix
import Project

/// Carries out a recording session's effects on the project's files, for every front end in the same way.
public struct TakeFiles: Sendable {
  private let pipeline: ClipPipeline
  private let directory: TakeDirectory
  private let rate: Int
  private let keepsTakes: Bool
  /// Milliseconds to wait for another process that writes to the project, where takes are kept.
  private static let patience = 2_000

  /// Creates the files of one voice in one language.
  ///
  /// - Parameters:
  ///   - pipeline: checks takes and makes their clips; its workspace is the project.
  ///   - language: BCP 47 tag.
  ///   - voice: such as `f1`.
  ///   - rate: sample rate of the takes in Hz.
  ///   - keepsTakes: whether each take is written to `takes` at once, as `Configuration.keepsTakes` asks it; else to a
  ///     hidden draft. It then waits a moment for another process that writes to the project.
  public init(_ pipeline: ClipPipeline, language: String, voice: String, rate: Int, keepsTakes: Bool = false) {
    self.pipeline = pipeline
    self.rate = rate
    self.keepsTakes = keepsTakes
    directory = TakeDirectory(project: pipeline.workspace.directory, language: language, voice: voice)
  }

  /// Returns the ids of those prompts that have a recording.
  public func recordedPrompts(of items: [ReviewItem]) -> Set<String> {
    Set(items.map(\.prompt).filter { !directory.recordings(of: $0).isEmpty }.map(\.id))
  }

  /// Returns the takes of a message that are not its recording, the oldest first.
  public func otherTakes(of item: ReviewItem) -> [Take] { directory.formerTakes(of: item.prompt) }

  /// Returns the recordings of a message: at most one, unless a second one was copied there.
  public func recordings(of item: ReviewItem) -> [Take] { directory.recordings(of: item.prompt) }

  /// Checks an earlier take, and returns the event with which the session reviews it.
  public func choose(_ take: Take, of item: ReviewItem) -> RecordingSession.Event {
    .takeChosen(take, pipeline.trial(take, of: item))
  }

  /// Carries out an effect. May take seconds: writing includes the check and the encoding of the take.
  ///
  /// - Returns: the event to report; `nil` where the effect has no reply, or concerns the microphone or the player.
  public func perform(_ effect: RecordingSession.Effect) -> RecordingSession.Event? {
    switch effect {
    case .writeTake(let samples, let bits, let item): return write(samples, bits: bits, of: item)
    case .keepTake(let take, let item): return keep(take, of: item)
    case .dropTake(let take):
      directory.drop(take)
      return nil
    case .loadRecording(let item): return load(item)
    case .openMicrophone, .play, .stopPlayback: return nil
    }
  }

  private func write(_ samples: [Int32], bits: Int, of item: ReviewItem) -> RecordingSession.Event {
    do throws(SystemError) {
      let take: Take
      if keepsTakes {
        var holder = ""
        guard let lock = try lock(busy: { holder = $0 }) else {
          return .takeNotWritten(reason: "\(holder) is writing to this project")
        }
        defer { lock.end() }
        take = try directory.add(samples, rate: rate, bits: bits, of: item.prompt)
      } else {
        take = try directory.draft(samples, rate: rate, bits: bits, of: item.prompt)
      }
      return .takeWritten(take, pipeline.trial(take, of: item))
    } catch { return .takeNotWritten(reason: "\(error)") }
  }

  /// Locks the project. To wait long for another holder would block the front end.
  private func lock(busy: (String) -> Void) throws(SystemError) -> ProjectLock? {
    let deadline = Monotonic.now.adding(milliseconds: keepsTakes ? Self.patience : 0)
    while true {
      if let lock = try ProjectLock(ifFree: pipeline.workspace.directory, busy: busy) { return lock }
      if Monotonic.now >= deadline { return nil }
      usleep(20_000)
    }
  }

  private func keep(_ take: Take, of item: ReviewItem) -> RecordingSession.Event {
    var holder = ""
    do throws(SystemError) {
      // Held for the renames alone.
      guard let lock = try lock(busy: { holder = $0 }) else { return .projectBusy(holder: holder) }
      defer { lock.end() }
      let (recording, former) = try directory.keep(take, of: item.prompt)
      return .takeKept(path: recording.path, former: former)
    } catch { return .takeNotKept(reason: "\(error)") }
  }

  private func load(_ item: ReviewItem) -> RecordingSession.Event {
    guard let take = directory.recordings(of: item.prompt).first else { return .recordingLoaded(clip: nil) }
    do throws(CheckFinding) { return .recordingLoaded(clip: try pipeline.reviewClip(of: take, item).clip) } catch {
      return .playbackFailed(reason: "\(error)")
    }
  }
}
