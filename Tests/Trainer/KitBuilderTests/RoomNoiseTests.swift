import TestSupport
import Testing

@testable import KitBuilder

@Suite("A room before a recording")
struct RoomNoiseTests {
  private let rate = 48_000

  private func codes(_ samples: [Float]) -> [CheckFinding.Code] {
    RecordingCheck().findings(of: RoomNoise(samples, rate: rate), place: "microphone").map(\.code)
  }

  @Test("that is quiet gives no finding")
  func quiet() {
    let room = RoomNoise(noise(seconds: 2, rate: rate, amplitude: 0.001), rate: rate)
    #expect(abs(room.level + 65) < 1.5)
    #expect(room.hum == nil)
    #expect(codes(noise(seconds: 2, rate: rate, amplitude: 0.001)) == [])
  }

  @Test("has the level that the check measures in a recording's pauses")
  func same() throws {
    let room = noise(seconds: 4, rate: rate, amplitude: 0.01)
    let speech = silence(seconds: 1, rate: rate) + babble(seconds: 2, rate: rate) + silence(seconds: 1, rate: rate)
    let recording = Recording(samples: zip(speech, room).map { $0 + $1 }, rate: rate)
    let extract = try #require(try SpeechExtract(of: recording, settings: LevelSettings()))
    let noise = try #require(extract.segment.noise)
    #expect(abs(RoomNoise(Array(room[..<(2 * rate)]), rate: rate).level - noise) < 1)
  }

  @Test("that is loud, hums, or is silent gives different findings")
  func faults() {
    #expect(codes(noise(seconds: 2, rate: rate, amplitude: 0.02)) == [.noiseFloor])
    #expect(codes(silence(seconds: 2, rate: rate)) == [.silent])
    let hum = zip(tone(100, seconds: 2, rate: rate, amplitude: 0.02), noise(seconds: 2, rate: rate, amplitude: 0.001))
      .map { $0 + $1 }
    let room = RoomNoise(hum, rate: rate)
    #expect(room.hum?.frequency == 50)
    #expect(abs((room.hum?.level ?? 0) + 37) < 0.5)
    let findings = RecordingCheck().findings(of: room, place: "microphone")
    #expect(findings.map(\.code) == [.noiseFloor] && findings[0].message.contains("hum of the mains (50 Hz)"))
    #expect(RoomNoise(tone(60, seconds: 2, rate: rate), rate: rate).hum?.frequency == 60)
    #expect(codes(noise(seconds: 2, rate: rate, amplitude: 0.001).map { $0 + 0.05 }) == [.offset])
  }

  @Test("in which somebody coughs is measured again")
  func unrest() {
    var room = noise(seconds: 2, rate: rate, amplitude: 0.001)
    for (index, value) in noise(seconds: 0.3, rate: rate, amplitude: 0.1).enumerated() { room[rate + index] += value }
    #expect(codes(room) == [.noisy])
  }
}

@Suite("The detector of speech")
struct SpeechWatchTests {
  private let rate = 48_000

  private func watch(_ samples: [Float], room: Double = -65) -> SpeechWatch {
    var watch = SpeechWatch(rate: rate, room: room, silence: 2)
    // In blocks of any size, as from a microphone.
    for start in stride(from: 0, to: samples.count, by: 997) {
      watch.add(Array(samples[start..<min(samples.count, start + 997)]))
    }
    return watch
  }

  private func inRoom(_ samples: [Float]) -> [Float] {
    zip(samples, noise(seconds: Double(samples.count) / Double(rate) + 1, rate: rate, amplitude: 0.001)).map { $0 + $1 }
  }

  @Test("detects no speech in a room, nor in clicks")
  func nobody() {
    #expect(!watch(inRoom(silence(seconds: 5, rate: rate))).hasBegun)
    var clicks = silence(seconds: 5, rate: rate)
    // The last one is a knock of 10 ms.
    for index in [rate, 2 * rate] + Array(3 * rate..<3 * rate + rate / 100) { clicks[index] = 0.5 }
    #expect(!watch(inRoom(clicks)).hasBegun)
  }

  @Test("detects speech, continues through its pauses, and ends after the given silence")
  func end() {
    let speech = silence(seconds: 1, rate: rate) + babble(seconds: 2, rate: rate)
    #expect(watch(inRoom(speech)).hasBegun)
    let pause = speech + silence(seconds: 1.8, rate: rate)
    #expect(!watch(inRoom(pause)).isOver)
    #expect(!watch(inRoom(pause + babble(seconds: 1, rate: rate) + silence(seconds: 1.5, rate: rate))).isOver)
    #expect(watch(inRoom(speech + silence(seconds: 2.4, rate: rate))).isOver)
  }

  @Test("reports the frames after the end, however late it is asked")
  func late() {
    let speech = silence(seconds: 1, rate: rate) + babble(seconds: 2, rate: rate)
    let whole = inRoom(speech + silence(seconds: 9, rate: rate))
    var watch = SpeechWatch(rate: rate, room: -65, silence: 2)
    watch.add(whole)
    let overrun = watch.overrun
    #expect(watch.isOver && (rate * 48 / 10...rate * 51 / 10).contains(whole.count - overrun))
    watch.add(inRoom(silence(seconds: 1, rate: rate)))
    #expect(watch.overrun == overrun + rate)
  }

  @Test("detects a soft voice, and a voice in a loud room")
  func soft() {
    let speech = silence(seconds: 1, rate: rate) + babble(seconds: 2, rate: rate) + silence(seconds: 2.4, rate: rate)
    #expect(watch(inRoom(speech.map { $0 / 10 })).isOver)
    let loud = zip(speech, noise(seconds: 6, rate: rate, amplitude: 0.01)).map { $0 + $1 }
    #expect(watch(loud, room: -45).isOver)
  }
}

@Suite("The level meter")
struct LevelMeterTests {
  private let rate = 48_000

  @Test("shows the block's peak, and holds the highest for its time")
  func hold() {
    var meter = LevelMeter(rate: rate)
    #expect(meter.peak == -.infinity)
    meter.add(tone(1000, seconds: 0.1, rate: rate, amplitude: 0.5))
    #expect(abs(meter.peak + 6.02) < 0.1 && meter.held == meter.peak)
    meter.add(tone(1000, seconds: 1, rate: rate, amplitude: 0.05))
    #expect(abs(meter.peak + 26) < 0.1 && abs(meter.held + 6.02) < 0.1)
    meter.add(tone(1000, seconds: 1, rate: rate, amplitude: 0.05))
    #expect(abs(meter.held + 26) < 0.1)
  }

  @Test("warns of peaks that the check counts as clipped, and of no others")
  func clip() throws {
    for amplitude in [0.9, 3.0] {
      let sound = tone(200, seconds: 1, rate: rate, amplitude: amplitude).map { max(-1, min(1, $0)) }
      var meter = LevelMeter(rate: rate)
      for start in stride(from: 0, to: sound.count, by: 480) { meter.add(Array(sound[start..<start + 480])) }
      let measures = Measures(
        Recording(samples: sound, rate: rate), speech: nil, loudness: nil, shortestDropout: 1)
      #expect(meter.isClipped == (measures.clipped > 0) && meter.isClipped == (amplitude > 1))
      for _ in 0..<5 { meter.add(silence(seconds: 1, rate: rate)) }
      #expect(!meter.isClipped)
    }
  }
}
