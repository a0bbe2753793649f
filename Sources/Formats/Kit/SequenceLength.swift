/// How long a sequence takes in one language and answer mode: its messages, formulas and pauses, and no waiting for
/// answers.
public struct SequenceLength: Codable, Equatable, Sendable {
  /// The id of the sequence.
  public let sequence: String
  /// The BCP 47 tag of the language.
  public let language: String
  /// The voice.
  public let voice: String
  /// The answer mode.
  public let mode: AnswerMode
  /// The length in milliseconds.
  public let milliseconds: Int

  /// The maximum length of a first contact, in milliseconds: longer than that, a frightened person does not listen.
  public static let limit = 90_000

  /// Whether a first contact of this length is too long.
  public var isTooLong: Bool { milliseconds > Self.limit }
}

extension KitManifest {
  /// The time between an answer and the next message, in milliseconds: as a device waits.
  private static let beat = 1000

  /// Returns how long each sequence takes in each language for listeners: in its first voice, and the answer mode of
  /// the kit that takes longest. Steps that the language lacks are left out.
  public func lengths(of bundles: [BundleManifest]) -> [SequenceLength] {
    let forResponder = Set(prompts.filter { $0.module == KitPrompt.operatorModule }.map(\.id))
    return sequences.flatMap { sequence in
      bundles.compactMap { bundle in
        guard let voice = bundle.clips.first(where: { $0.kind == .message && !forResponder.contains($0.prompt) })?.voice
        else { return nil }
        return answers.modes.map { length(of: sequence, in: bundle, voice: voice, mode: $0) }
          .max { $0.milliseconds < $1.milliseconds }
      }
    }
  }

  private func length(
    of sequence: KitSequence, in bundle: BundleManifest, voice: String, mode: AnswerMode
  ) -> SequenceLength {
    let isForChild = KitSequence.isForChildren(sequence.id)
    var milliseconds = 0
    var pause = 0
    for step in sequence.steps {
      guard let prompt = prompt(step.prompt), prompt.audience != (isForChild ? .adult : .child),
        let (clip, formula) = bundle.message(of: prompt, mode: mode, isForChild: isForChild, voice: voice)
      else { continue }
      milliseconds += pause + clip.frames / 48
      if let formula { milliseconds += answers.pause + formula.frames / 48 }
      pause = prompt.answer == .none ? step.pause : Self.beat
    }
    return SequenceLength(
      sequence: sequence.id, language: bundle.tag, voice: voice, mode: mode, milliseconds: milliseconds)
  }
}
