import Board
import Diagnostics

extension Wiring {
  /// An item to buy or to find.
  public struct Item: Equatable, Sendable {
    /// How many.
    public var count: Int
    /// What it is.
    public var name: String
    /// What to look for.
    public var note: String
  }

  /// The parts list of the device.
  public var items: [Item] {
    var items: [Item] = []
    func add(_ count: Int, _ name: String, _ note: String = "") {
      if count > 0 { items.append(Item(count: count, name: name, note: note)) }
    }
    add(1, model?.title ?? "small computer or laptop", model == nil ? "with Linux and two USB sockets" : "")
    let buttons = parts.filter { if case .button = $0.kind { true } else { false } }
    add(
      buttons.filter { !$0.isListeners }.count, "push button for the responder",
      "closes while it is pressed; stop is the largest and reddest")
    add(
      buttons.filter(\.isListeners).count, "push button for the listener",
      "in the colours of the answers; on a cable of their own")
    let leds = parts.filter { if case .led = $0.kind { true } else { false } }.count
    add(leds, "LED", "the long leg is plus")
    add(leds, "resistor \(Self.ledResistor) Ω", "one for each LED, 0.25 W")
    if needsPulls && !buttons.isEmpty {
      add(
        board.lines.buttons.filter { $0.bias == nil || $0.bias == .off }.count, "resistor 10 kΩ",
        "only if nothing else switches the pulls on: from the button's pin to 3.3 V, or to ground for 'active: high'")
    }
    if !parts.isEmpty { add(parts.count + parts.filter { $0.other != nil }.count, "wire", "0.14 to 0.5 mm²") }
    for input in board.inputs { add(1, "USB number pad or keyboard", "\(input)") }
    switch sound {
    case .usb: add(1, "USB sound card", board.sound.pcm)
    case .i2s: add(1, "I2S amplifier or sound card", "\(board.sound.pcm); a MAX98357A also drives the loudspeaker")
    case .jack: add(1, "cable with a 3.5 mm plug", "for the headphone jack")
    case .unknown: add(1, "sound card", "\(board.sound.pcm): the board file does not show which")
    }
    let isSwitched = board.sound.amplifier != nil
    if sound == .i2s {
      add(1, "loudspeaker", "4 or 8 Ω, 3 W, on the amplifier")
    } else {
      if isSwitched { add(1, "amplifier", "with an input that switches it: SD, SHDN, EN or MUTE") }
      add(1, "loudspeaker", isSwitched ? "4 or 8 Ω, on the amplifier" : "with an amplifier and a 3.5 mm plug")
    }
    return items
  }
}
