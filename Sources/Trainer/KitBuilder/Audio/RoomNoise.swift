import Encoding
import Glibc

/// The sound of a room in which nobody speaks.
public struct RoomNoise: Equatable, Sendable {
  /// The length of a measurement in seconds.
  public static let length = 2.0

  /// The power in dBFS, measured as in a recording's pauses; -infinity for digital silence.
  public var level: Double
  /// The dB by which the whole measurement is louder than its quietest moment.
  public var unrest: Double
  /// The mean of all samples in per cent of full scale.
  public var offset: Double
  /// The mains hum; nil if it is less than half of the power.
  public var hum: Hum?

  /// Mains hum that makes up more than half of the power.
  public struct Hum: Equatable, Sendable {
    /// The frequency of the mains in Hz: 50 or 60.
    public var frequency: Int
    /// The power in dBFS with its overtones, before any filter.
    public var level: Double
  }

  /// Measures a room.
  ///
  /// - Parameters:
  ///   - samples: at least half a second.
  ///   - rate: Hz.
  public init(_ samples: [Float], rate: Int) {
    let filtered = Leveller.highPass(samples, rate: rate)
    level = SpeechSegment.room(in: filtered, rate: rate) ?? decibels(power: filtered.variance)
    let whole = decibels(power: filtered.variance)
    unrest = level.isFinite && whole.isFinite ? max(0, whole - level) : 0
    offset = samples.isEmpty ? 0 : 100 * samples.reduce(0) { $0 + Double($1) } / Double(samples.count)
    let candidates = [50, 60].map { ($0, Self.power(of: $0, in: samples, rate: rate)) }
    if let (frequency, power) = candidates.max(by: { $0.1 < $1.1 }), power > samples.variance / 2, power > 0 {
      hum = Hum(frequency: frequency, level: decibels(power: power))
    }
  }

  /// Returns the power of a frequency and its first three overtones, by Goertzel's algorithm.
  private static func power(of frequency: Int, in samples: [Float], rate: Int) -> Double {
    (1...4).reduce(0.0) { sum, overtone in
      let turn = 2 * Double.pi * Double(frequency * overtone) / Double(rate)
      let factor = 2 * cos(turn)
      var (last, before) = (0.0, 0.0)
      samples.withUnsafeBufferPointer { all in
        for value in all { (last, before) = (Double(value) + factor * last - before, last) }
      }
      let count = Double(max(1, samples.count))
      return sum + 2 * (last * last + before * before - factor * last * before) / (count * count)
    }
  }
}

extension RecordingCheck {
  /// Returns the findings about a room before a recording, by the thresholds for recordings.
  ///
  /// - Parameters:
  ///   - room: the measurement.
  ///   - place: the path of the findings: the microphone's name.
  public func findings(of room: RoomNoise, place: String) -> [CheckFinding] {
    var found: [CheckFinding] = []
    func add(_ code: CheckFinding.Code, _ message: String, _ remedy: String, _ measure: CheckFinding.Measure? = nil) {
      found.append(CheckFinding(code, .warning, path: place, message, remedy: remedy, measure: measure))
    }
    if room.level < SpeechSegment.deaf {
      add(.silent, "the microphone gives no sound at all", "look at its switch, and turn it up ('alsamixer', F4)")
      return found
    }
    if room.unrest > 12 {
      add(.noisy, "something sounded meanwhile", "be silent, and measure once more")
    }
    if room.level > limits.noise {
      let measure = limits.measure(room.level, .dBFS, .noise)
      let message = "the room's noise is at \(room.level.tenths) dBFS"
      if let hum = room.hum {
        add(
          .noiseFloor, "\(message), most of it the hum of the mains (\(hum.frequency) Hz)",
          "run the computer on its battery, move cables and power supplies away, or use another socket", measure)
      } else {
        add(
          .noiseFloor, message,
          "close doors and windows, turn fans off; or turn the microphone down and go nearer to it", measure)
      }
    } else if let hum = room.hum, hum.level > limits.noise {
      found.append(
        CheckFinding(
          .noiseFloor, .note, path: place,
          "the mains hum (\(hum.frequency) Hz) at \(hum.level.tenths) dBFS; some of it is filtered out later",
          remedy: "move cables and power supplies away"))
    }
    if abs(room.offset) >= limits.offset {
      add(
        .offset, "its sound lies \(room.offset.tenths) % of full scale beside zero",
        "try another microphone input or sound card", limits.measure(abs(room.offset), .percent, .offset))
    }
    return found
  }
}
