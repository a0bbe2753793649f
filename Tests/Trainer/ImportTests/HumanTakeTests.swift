import Glibc
import KitBuilder
import TestSupport
import Testing

@testable import Import

/// Prompts of professional speakers, joined at random to long takes and cut by the script's texts.
@Suite("A long take by a human voice", .enabled(if: HumanVoices.isInstalled, Comment(rawValue: HumanVoices.absence)))
struct HumanTakeTests {
  private static let rate = 8_000

  /// A prompt with its sound.
  private struct Spoken {
    var text: String
    var samples: [Float]
    /// The level of its loud parts in dBFS.
    var level: Double
    /// Seconds at a calm pace.
    var seconds: Double
  }

  private static let languages = ["en", "es", "fr"]

  /// The prompts of half a second to twelve seconds whose words are known, by language.
  private static let spoken: [String: [Spoken]] = {
    var found: [String: [Spoken]] = [:]
    for prompt in HumanVoices.prompts {
      guard let recording = try? Recording(path: prompt.path), (0.5...12).contains(recording.duration) else { continue }
      // Without the list of words, the length stands for the text.
      let pace = prompt.language == "en" ? 13.5 : 14
      let seconds = prompt.text.map { LongTake.seconds(of: $0, rate: pace) } ?? recording.duration
      let levels = levels(recording.samples).sorted()
      found[prompt.language, default: []].append(
        Spoken(
          text: prompt.text ?? "", samples: recording.samples, level: levels[levels.count * 19 / 20], seconds: seconds))
    }
    return found
  }()

  /// Returns the power of each 10 ms in dBFS.
  private static func levels(_ samples: [Float]) -> [Double] {
    stride(from: 0, to: samples.count, by: rate / 100).map { start in
      let part = samples[start..<min(samples.count, start + rate / 100)]
      return 10 * log10(part.reduce(1e-15) { $0 + Double($1 * $1) } / Double(part.count))
    }
  }

  /// What differs between takes.
  struct Conditions: Sendable, CustomTestStringConvertible {
    var name: String
    /// Seconds between two prompts.
    var pauses = 1.2...4.0
    /// The room's noise in dBFS; nil for digital silence.
    var noise: Double?
    /// Whether breaths and clicks lie in some pauses.
    var hasBreaths = false
    /// Whether a line of the script is not said.
    var lacksLine = false
    /// Whether a line is said twice.
    var repeatsLine = false
    /// The minimum per cent of the lines that are cut rightly and without a doubt.
    var certain: Int

    var testDescription: String { name }
  }

  static let conditions: [Conditions] = [
    Conditions(name: "silent pauses", certain: 75),
    Conditions(name: "short pauses", pauses: 0.5...1.5, certain: 70),
    Conditions(name: "a quiet room", noise: -65, certain: 75),
    Conditions(name: "a loud room", noise: -50, certain: 80),
    Conditions(name: "breaths and clicks", noise: -65, hasBreaths: true, certain: 50),
    Conditions(name: "a missing line", noise: -65, lacksLine: true, certain: 30),
    Conditions(name: "a repeated line", noise: -65, repeatsLine: true, certain: 20),
  ]

  /// A long take with the true place of each line.
  private struct Take {
    var samples: [Float] = []
    var lines: [LongTake.Line] = []
    /// The audible part of each line in seconds; two for a line that was repeated, none for one that was not said.
    var places: [[Range<Double>]] = []
  }

  private static func take(_ conditions: Conditions, _ all: [Spoken], _ random: inout SeededGenerator) -> Take {
    let prompts = LongTakeTests.lines.prefix(Int.random(in: 6...10, using: &random)).map(\.prompt)
    let chosen = all.shuffled(using: &random).prefix(prompts.count)
    let odd = Int.random(in: 0..<prompts.count, using: &random)
    var take = Take()
    func pause() {
      let start = take.samples.count
      let length = Int(Double.random(in: conditions.pauses, using: &random) * Double(rate))
      take.samples += Array(repeating: 0, count: length)
      guard conditions.hasBreaths, Bool.random(using: &random) else { return }
      if Bool.random(using: &random) {
        // 300 ms of breath, 25 dB below the voice.
        for index in 0..<rate * 3 / 10 {
          let swell = sin(.pi * Double(index) / Double(rate * 3 / 10))
          take.samples[start + rate / 4 + index] = Float(0.015 * swell * Double.random(in: -1...1, using: &random))
        }
      } else {
        for index in 0..<rate / 250 { take.samples[start + rate / 3 + index] = index % 2 == 0 ? 0.3 : -0.3 }
      }
    }
    func say(_ spoken: Spoken) -> Range<Double> {
      let start = take.samples.count
      take.samples += spoken.samples
      // What lies more than 40 dB below the voice or below the room's noise is not audible.
      let floor = max(spoken.level - 40, conditions.noise ?? -.infinity)
      let levels = levels(spoken.samples)
      let first = levels.firstIndex { $0 > floor } ?? 0
      let last = levels.lastIndex { $0 > floor } ?? levels.count
      return Double(start) / Double(rate) + Double(first) / 100..<Double(start) / Double(rate) + Double(last + 1) / 100
    }
    pause()
    for (index, (prompt, spoken)) in zip(prompts, chosen).enumerated() {
      take.lines.append(LongTake.Line(prompt: prompt, text: spoken.text, seconds: spoken.seconds))
      var places: [Range<Double>] = []
      if !(conditions.lacksLine && index == odd) {
        places.append(say(spoken))
        pause()
        if conditions.repeatsLine && index == odd {
          places.append(say(spoken))
          pause()
        }
      }
      take.places.append(places)
    }
    if let noise = conditions.noise {
      // Uniform noise of one power: its amplitude is the root of three times that.
      let height = Float((3 * pow(10, noise / 10)).squareRoot())
      for index in take.samples.indices { take.samples[index] += Float.random(in: -height...height, using: &random) }
    }
    return take
  }

  /// How many lines were cut rightly, and how many need a person.
  private struct Count {
    var right = 0
    var unsure = 0
    /// The lines whose piece is certain, and is not the line.
    var wrong: [String] = []

    var all: Int { right + unsure + wrong.count }
  }

  private static func count(_ conditions: Conditions, takes: Int) -> Count {
    var random = SeededGenerator(seed: 17)
    var count = Count()
    for language in languages {
      let all = spoken[language, default: []]
      for number in 0..<takes {
        let take = take(conditions, all, &random)
        let recording = Recording(samples: take.samples, rate: rate)
        let cut = LongTake(SoundSegment.all(in: recording), end: recording.duration, lines: take.lines)
        #expect(cut.pieces.count + cut.missing.count == take.lines.count)
        for (index, line) in take.lines.enumerated() {
          let piece = cut.pieces.first { $0.line.prompt == line.prompt }
          let places = take.places[index]
          if let piece, piece.doubt == nil {
            // Of a line that was said twice it holds either, whole.
            let own = places.filter { $0.overlaps(piece.range) }
            let others = take.places.indices.filter { $0 != index }.flatMap { take.places[$0] }
            let isWhole =
              own.count == 1 && piece.range.lowerBound <= own[0].lowerBound
              && piece.range.upperBound >= own[0].upperBound
            if isWhole && !others.contains(where: { $0.overlaps(piece.range) }) {
              count.right += 1
            } else {
              count.wrong.append("\(language) \(number), '\(line.text)': \(piece.range), said at \(places)")
            }
          } else if piece == nil && places.isEmpty {
            count.right += 1
          } else {
            count.unsure += 1
          }
        }
      }
    }
    return count
  }

  @Test("holds each prompt whole, or says that it is unsure; none is silently wrong", arguments: conditions)
  func cut(_ conditions: Conditions) {
    let count = Self.count(conditions, takes: 10)
    #expect(count.wrong.isEmpty, "\(count.wrong.joined(separator: "\n"))")
    #expect(count.right * 100 >= conditions.certain * count.all, "\(count.right) of \(count.all)")
  }
}
