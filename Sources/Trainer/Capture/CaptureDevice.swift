import CALSA
import Glibc

/// A capture PCM in the list of libasound.
public struct CaptureDevice: Equatable, Sendable {
  /// The name for snd_pcm_open: `plughw:CARD=Mic,DEV=0`.
  public var name: String
  /// Its description on one line.
  public var description: String

  /// Whether the PCM is a device of a sound card, with all conversions.
  public var isCard: Bool { name.hasPrefix("plughw:") }

  /// Whether a person would choose it: a card, or a sound server. The others are plugins, and other names of the same
  /// cards.
  public var isChoice: Bool { isCard || ["default", "pipewire", "pulse"].contains(name) }

  /// Lists the capture PCMs, without `null`. snd_device_name_hint(3)
  public static var all: [CaptureDevice] {
    var hints: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    let handler = fw_alsa_discard_errors()
    defer { fw_alsa_restore_errors(handler) }
    guard snd_device_name_hint(-1, "pcm", &hints) >= 0, let hints else { return [] }
    defer { snd_device_name_free_hint(hints) }
    var devices: [CaptureDevice] = []
    var next = hints
    while let hint = next.pointee {
      next += 1
      guard let name = text(hint, "NAME"), name != "null", text(hint, "IOID") != "Output" else { continue }
      let description = (text(hint, "DESC") ?? "").split(separator: "\n").joined(separator: ", ")
      devices.append(CaptureDevice(name: name, description: description))
    }
    return devices
  }

  /// snd_device_name_get_hint(3)
  private static func text(_ hint: UnsafeMutableRawPointer, _ key: String) -> String? {
    guard let text = snd_device_name_get_hint(hint, key) else { return nil }
    defer { free(text) }
    return String(cString: text)
  }
}
