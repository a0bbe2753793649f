import Board
import Control
import Kit

/// Says why a device gave a signal instead of a message, for people.
public enum SignalReason {
  /// Returns the reason of a signal; `nil` for another event, and for a signal that reports success.
  ///
  /// - Parameters:
  ///   - event: an event of the control socket.
  ///   - button: the name of the button that was pressed before it; `nil` if it is not known.
  ///   - kit: the kit that the device plays; `nil` if it is not known.
  public static func text(
    _ event: ControlEvent, after button: String? = nil,
    in kit: (manifest: KitManifest, bundles: [BundleManifest])? = nil
  ) -> String? {
    guard event.event == "signal" else { return nil }
    switch event.detail {
    case "no-language": return "no language is chosen"
    case "caution": return "the message is gated: press again to play it"
    case "none-of-these": return "no hand was raised for any language"
    case "error": return "a recording is damaged, or there is no sound card"
    case "not-available" where event.reason == "no-formula":
      let language = kit?.bundles.first { $0.tag == event.language }?.english ?? event.language ?? "the language"
      return "no formula: \(language) has no recording of how to answer in this mode that can be played"
    case "not-available":
      guard let prompt = event.prompt else { return button.map { reason(Button($0)) } ?? "nothing matches the request" }
      return missing(prompt, event.language, kit)
    default: return nil
    }
  }

  /// Returns why a button without a message of its own has no effect.
  private static func reason(_ button: Button) -> String {
    switch button {
    case .digit: "no message or language has this number"
    case .star, .prompt: "nothing matches the request"
    case .control(let control):
      switch control {
      case .again: "nothing was said yet"
      case .next, .previous: "there is no further message"
      case .nextLanguage, .previousLanguage, .finder: "the kit has no language for listeners"
      case .children: "there are no messages for children"
      case .voice: "there is no other voice"
      case .answerMode: "the kit has no other answer mode"
      case .markWrong: "the listener has heard no message"
      case .answerYes, .answerNo, .answerUnclear, .answerDeclined, .answerStop, .answerNone:
        "no question waits for an answer"
      case .trustStick, .journalToStick, .powerOff: "only a device itself has sticks and a switch"
      case .stop, .status, .louder, .quieter, .quiet: "nothing matches the request"
      }
    }
  }

  /// Returns why a message is missing.
  private static func missing(
    _ prompt: String, _ language: String?, _ kit: (manifest: KitManifest, bundles: [BundleManifest])?
  ) -> String {
    guard let kit else { return "\(language ?? "the kit") has no recording of it" }
    let isKnown =
      kit.manifest.prompts.contains { $0.id == prompt || $0.module == prompt }
      || kit.manifest.sequences.contains { $0.id == prompt }
    if !isKnown { return "the kit has no message '\(prompt)'" }
    guard let language else { return "no language is chosen" }
    guard let bundle = kit.bundles.first(where: { $0.tag == language }) else { return "the kit has no '\(language)'" }
    guard kit.manifest.prompts.contains(where: { $0.id == prompt }) else {
      return "there is no further message of it in \(bundle.english)"
    }
    return bundle.clip(prompt) == nil
      ? "\(bundle.english) has no recording of it, and no other language may replace it"
      : "its recording in \(bundle.english) is recalled or damaged"
  }
}
