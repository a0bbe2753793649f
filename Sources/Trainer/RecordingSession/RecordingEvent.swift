import KitBuilder

extension RecordingSession {
  /// Something that happened outside of the session.
  public enum Event: Sendable {
    /// The person gave a command.
    case command(Command)
    /// The microphone gave audio at the configured rate, one channel; full scale is 32 bits, the highest bit first.
    /// `isTorn` where audio was lost before these samples.
    case audio([Int32], isTorn: Bool)
    /// A front end with the input `takes` recorded the silent room; full scale is 32 bits.
    case room([Int32])
    /// A front end with the input `takes` recorded a take; full scale is 32 bits. `isTorn` where audio is missing in it.
    case take([Int32], bits: Int, isTorn: Bool)
    /// The person chose a message, recorded or not, by its index.
    case itemChosen(Int)
    /// The person chose an earlier take of the current message: it is under review.
    case takeChosen(Take, TakeTrial)
    /// Words or recordings of the project changed: the messages, and the ids of those with a recording.
    case itemsChanged([ReviewItem], recorded: Set<String>)
    /// The microphone is open again, with 16 or 24 significant bits a sample.
    case microphoneOpened(bits: Int)
    /// The microphone went away, or could not be opened.
    case microphoneLost(cause: String)
    /// The session's deadline has passed.
    case tick
    /// `writeTake` is done: the draft, its check and its preview.
    case takeWritten(Take, TakeTrial)
    /// `writeTake` failed.
    case takeNotWritten(reason: String)
    /// `keepTake` is done: the recording's path, and the new paths of those that it replaced.
    case takeKept(path: String, former: [String])
    /// `keepTake` failed; the draft is as it was.
    case takeNotKept(reason: String)
    /// `keepTake` was not tried, because another process writes to the project.
    case projectBusy(holder: String)
    /// `loadRecording` is done: the clip as a listener hears it; `nil` where the message has no recording.
    case recordingLoaded(clip: [UInt8]?)
    /// `loadRecording` or `play` failed.
    case playbackFailed(reason: String)
  }

  /// Something that the front end carries out for the session.
  public enum Effect: Sendable {
    /// Open the microphone; reply `microphoneOpened` or `microphoneLost`.
    case openMicrophone
    /// Write a take and check it; reply `takeWritten` or `takeNotWritten`. Full scale of the samples is 32 bits.
    case writeTake([Int32], bits: Int, of: ReviewItem)
    /// Move the draft into its place; reply `takeKept`, `takeNotKept` or `projectBusy`.
    case keepTake(Take, of: ReviewItem)
    /// Remove a take that is not kept; no reply.
    case dropTake(Take)
    /// Encode the message's recording; reply `recordingLoaded` or `playbackFailed`.
    case loadRecording(of: ReviewItem)
    /// Play an Ogg Opus file instead of what plays now; reply only `playbackFailed`.
    case play([UInt8])
    /// Stop the playback; no reply.
    case stopPlayback
  }

  /// A message to the person, for the front end to phrase.
  public enum Notice: Equatable, Sendable {
    /// The microphone went away during a take, which is lost.
    case microphoneLost
    /// There is no microphone to record with.
    case noMicrophone
    /// Audio was lost during a take, which has to be recorded again.
    case audioLost
    /// The wording changed while the message was recorded or reviewed.
    case reworded
    /// The take is kept at `path`; the recordings it replaced are at `former`.
    case kept(path: String, former: [String])
    /// The take could not be kept; it is still under review.
    case notKept(reason: String)
    /// Another process writes to the project; the take is still under review.
    case projectBusy(holder: String)
    /// The person did not replace the recording; the take is still under review.
    case notReplaced
    /// The message has no recording to play.
    case noRecording
    /// The clip cannot be played.
    case notPlayable(reason: String)
    /// The take under review is not kept; a second `quit` drops it.
    case takeNotKept
  }
}

extension RecordingSession.Notice: CustomStringConvertible {
  /// One or two sentences: what happened, and what to do.
  public var description: String {
    switch self {
    case .microphoneLost: "The microphone was unplugged: this take is lost. The takes you kept are on the disk."
    case .noMicrophone: "There is no microphone to record with."
    case .audioLost: "Audio was lost because the computer was too busy: close other programs, and record it again."
    case .reworded: "The wording was changed meanwhile: read it again, and record it as it is now."
    case .kept(let path, let former):
      former.isEmpty ? "Kept: \(path)" : "Kept; the old recording is now \(former.joined(separator: ", "))"
    case .notKept(let reason): "Not kept: \(reason). Correct this, and press the key again."
    case .projectBusy(let holder): "\(holder) is writing to this project: press the key again."
    case .notReplaced: "Nothing was replaced."
    case .noRecording: "There is no recording of it yet."
    case .notPlayable(let reason): reason
    case .takeNotKept: "This take is not kept: keep it, or quit again to drop it."
    }
  }
}
