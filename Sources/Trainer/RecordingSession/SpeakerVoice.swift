import Catalogue
import KitBuilder
import Project

/// The voice that a session records, and the speaker whose voice it is.
public struct SpeakerVoice: Equatable, Sendable {
  /// The voice's directory: `f1`.
  public let name: String
  /// The speaker in `speakers.yaml`; `nil` where the file names none for this voice.
  public let speaker: Speaker?

  /// Chooses the voice and its speaker. Without a pseudonym and a voice, that of the only consenting speaker of the
  /// language, else `f1`.
  ///
  /// - Parameters:
  ///   - pseudonym: the speaker's, as `speakers.yaml` has it.
  ///   - voice: such as `m1`.
  ///   - language: BCP 47 tag.
  ///   - speakers: all of the project's.
  /// - Throws: where the speaker is unknown under that name or voice, or has withdrawn the consent.
  public init(
    _ pseudonym: String?, voice: String?, language: String, in speakers: [Speaker]
  ) throws(SpeakerVoiceError) {
    let local = speakers.filter { $0.language == language }
    let name: String
    if let pseudonym {
      let own = local.filter { PersonName($0.pseudonym) == PersonName(pseudonym) }
      guard let first = own.first else {
        throw .unknown(pseudonym: pseudonym, language: language, known: local.map(\.pseudonym))
      }
      if let voice, !own.contains(where: { $0.voice == voice }) {
        throw .otherVoice(pseudonym: pseudonym, language: language, voice: first.voice, requested: voice)
      }
      name = voice ?? first.voice
    } else {
      let consenting = local.filter { $0.withdrawn == nil }
      name = voice ?? (consenting.count == 1 ? consenting[0].voice : "f1")
    }
    let speaker = local.first { $0.voice == name }
    if let speaker, let day = speaker.withdrawn { throw .withdrawn(pseudonym: speaker.pseudonym, day: day) }
    self.name = name
    self.speaker = speaker
  }

  /// Returns the text that this voice speaks: a woman's or a man's variant where the wording has one.
  public func text(of item: ReviewItem) -> String {
    let own: Wording.Variant? = name.hasPrefix("f") ? .byWoman : name.hasPrefix("m") ? .byMan : nil
    return own.flatMap { item.wording.variants[$0] } ?? item.wording.text
  }

  /// Returns what keeps this voice from being released on a day, or `nil`.
  ///
  /// - Parameter day: `2026-11-29`.
  public func releaseObstacle(on day: String) -> String? {
    guard let speaker else { return "the speaker is not known: write the speaker into \(Speakers.name)" }
    if speaker.consents(on: day) { return nil }
    return "the consent of '\(speaker.pseudonym)' starts on \(speaker.consent)"
  }
}

/// Why a voice may not be recorded.
public enum SpeakerVoiceError: Error, Equatable, Sendable {
  /// No speaker of the language has this pseudonym; `known` are those it has.
  case unknown(pseudonym: String, language: String, known: [String])
  /// The speaker has another voice in the language than the requested one.
  case otherVoice(pseudonym: String, language: String, voice: String, requested: String)
  /// The speaker withdrew the consent on that day.
  case withdrawn(pseudonym: String, day: String)
}

extension SpeakerVoiceError: CustomStringConvertible {
  /// One line without the file's name: what is wrong, and what to do.
  public var description: String {
    switch self {
    case .unknown(let pseudonym, let language, let known):
      "no speaker '\(pseudonym)' of \(language)\(Spelling.hint(pseudonym, known)): "
        + "write the speaker there first, with voice, day of consent, licence and contact"
    case .otherVoice(let pseudonym, let language, let voice, let requested):
      "'\(pseudonym)' is \(language)/\(voice), not \(language)/\(requested): leave the voice out"
    case .withdrawn(let pseudonym, let day):
      "'\(pseudonym)' withdrew the consent on \(day): record another speaker under another voice, such as f2"
    }
  }
}
