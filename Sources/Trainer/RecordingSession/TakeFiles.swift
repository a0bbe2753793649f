import Catalogue
import KitBuilder
import Posix
import Project

/// Carries out a recording session's effects on the project's files, for every front end in the same way.
public struct TakeFiles: Sendable {
  private let pipeline: ClipPipeline
  private let directory: TakeDirectory
  private let rate: Int

  /// Creates the files of one voice in one language.
  ///
  /// - Parameters:
  ///   - pipeline: checks takes and makes their clips; its workspace is the project.
  ///   - language: BCP 47 tag.
  ///   - voice: such as `f1`.
  ///   - rate: sample rate of the takes in Hz.
  public init(_ pipeline: ClipPipeline, language: String, voice: String, rate: Int) {
    self.pipeline = pipeline
    self.rate = rate
    directory = TakeDirectory(project: pipeline.workspace.directory, language: language, voice: voice)
  }

  /// Returns the ids of those prompts that have a recording.
  public func recordedPrompts(of items: [ReviewItem]) -> Set<String> {
    Set(items.map(\.prompt).filter { !directory.recordings(of: $0).isEmpty }.map(\.id))
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
      let take = try directory.draft(samples, rate: rate, bits: bits, of: item.prompt)
      return .takeWritten(take, pipeline.trial(take, of: item))
    } catch { return .takeNotWritten(reason: "\(error)") }
  }

  private func keep(_ take: Take, of item: ReviewItem) -> RecordingSession.Event {
    var holder = ""
    do throws(SystemError) {
      // Held for the renames alone. To wait for another holder would block the front end.
      guard let lock = try ProjectLock(ifFree: pipeline.workspace.directory, busy: { holder = $0 }) else {
        return .projectBusy(holder: holder)
      }
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
