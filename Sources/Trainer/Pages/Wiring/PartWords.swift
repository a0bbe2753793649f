import Board
import Wiring

/// The English names of the parts of a wiring.
struct PartWords: Sendable {
  let wiring: Wiring
  let words: ButtonWords

  /// Returns what a part is: `Stop`, `LED: ready, playing`.
  func name(_ part: Wiring.Part) -> String {
    switch part.kind {
    case .button(let line): return words.text(line.button)
    case .led(let led, _):
      if let mode = led.mode { return "LED: answers \(words.words.modes[mode] ?? mode.rawValue)" }
      let states = Board.LED.State.allCases.filter { led.shows[$0] != .dark }.map(\.rawValue)
      return states.count == Board.LED.State.allCases.count
        ? "LED: all states" : "LED: \(states.joined(separator: ", "))"
    case .sound(let wire): return "sound card: \(wire.rawValue)"
    case .amplifier: return "amplifier: on and off"
    }
  }

  /// Returns what a part is in few words: `yes`, where `name` says `Answer was: yes`.
  func short(_ part: Wiring.Part) -> String {
    guard case .button(let line) = part.kind else { return name(part) }
    let (above, does) = words.name(line.button)
    return above == nil || part.isListeners ? does : "answer: \(does)"
  }

  /// Returns what else a button does.
  func others(_ part: Wiring.Part) -> [String] {
    guard case .button(let line) = part.kind else { return [] }
    return others(hold: line.hold, withStop: line.withStop)
  }

  /// Returns what else a button or key does, and for how long both buttons of a chord are held.
  func others(hold: Button?, withStop: Button?) -> [String] {
    let texts = words.others(hold: hold, withStop: withStop)
    guard let withStop, withStop.isChord, let last = texts.last else { return texts }
    let seconds = Drawing.number(Double(wiring.board.presses.chordTime) / 1000)
    return texts.dropLast() + ["\(last) (hold both for \(seconds) s)"]
  }

  /// Returns the kind of a part: `button`, `button of the listener`.
  func kind(_ part: Wiring.Part) -> String {
    switch part.kind {
    case .button: part.isListeners ? "listener's button" : "responder's button"
    case .led: "LED"
    case .sound: "I2S sound card"
    case .amplifier: "amplifier's switch"
    }
  }

  /// Returns the colour of the second wire, and what it leads to: `black`, `ground`.
  func second(_ pin: Header.Pin) -> (colour: String, name: String) {
    pin.kind == .ground ? ("black", "ground") : ("white", pin.name)
  }

  /// Returns the print on a button; nil where nothing is known.
  func label(_ part: Wiring.Part) -> String? {
    if case .button(let line) = part.kind { line.label } else { nil }
  }

  /// The sound path as a chain, from the board to the ear.
  var soundChain: [String] {
    let pcm = wiring.board.sound.pcm
    switch wiring.sound {
    case .usb: return ["USB socket", "USB sound card\n\(pcm)", amplified]
    case .i2s: return ["I2S pins", "I2S sound card\(switched ?? "\n\(pcm)")", "loudspeaker"]
    case .jack: return ["headphone jack\n\(pcm)", "amplifier\(switched ?? "")", "loudspeaker"]
    case .unknown: return ["board", "sound card\n\(pcm)", amplified]
    }
  }

  private var amplified: String { "\(switched == nil ? "loudspeaker with " : "")amplifier\(switched ?? "")" }

  /// The wire that switches the amplifier, as the small letters of a box; nil where none does.
  private var switched: String? {
    let part = wiring.parts.first { if case .amplifier = $0.kind { true } else { false } }
    return part.map { "\nswitched by wire \($0.letter)" }
  }
}

extension WireColour {
  /// The colour in pictures.
  var css: String {
    switch self {
    case .red: "#e0202a"
    case .orange: "#f58a07"
    case .yellow: "#ffe02e"
    case .green: "#1b9e3f"
    case .blue: "#2a6fdb"
    case .violet: "#8e44c9"
    case .brown: "#8a5a2c"
    case .grey: "#9a9a9a"
    case .pink: "#ff8fc0"
    case .turquoise: "#22c3bd"
    case .black: "#111111"
    }
  }
}
