import Posix
import Simulator
import TestSupport
import Testing

@testable import Practice

@Suite("Sound of a practice")
struct PracticeSoundTests {
  private func taken(_ samples: [Int16], isFirst: Bool = false, runsOn: Bool = true) -> CardRecording.Taken {
    CardRecording.Taken(isFirst: isFirst, samples: samples, runsOn: runsOn)
  }

  @Test(
    "a page gets all frames once, from where it is on, and never frames from before and after a silence in one piece")
  func pieces() {
    let sound = PracticeSound()
    #expect(sound.piece(from: nil, until: .now) == .init(first: 0, samples: []))
    sound.append([taken([1, 2, 3], isFirst: true), taken([4, 5], runsOn: false), taken([6, 7], isFirst: true)])
    #expect(sound.frames == 7)
    let first = sound.piece(from: 0, until: .now)
    #expect(first == .init(first: 0, samples: [1, 2, 3, 4, 5], isStart: true, runsOn: false))
    let second = sound.piece(from: 5, until: .now)
    #expect(second == .init(first: 5, samples: [6, 7], isStart: true, runsOn: true))
    #expect(sound.piece(from: 3, until: .now) == .init(first: 3, samples: [4, 5], runsOn: false))
    #expect(sound.piece(from: 7, until: .now).samples.isEmpty)
    #expect(sound.piece(from: 99, until: .now).first == 7, "a page of an earlier practice goes on here")
    #expect(sound.piece(from: -5, until: .now).first == 0)
    #expect(sound.piece(from: nil, until: .now).first == 7)
  }

  @Test("the last 20 seconds stay, and the numbers of frames go on")
  func bounded() {
    let sound = PracticeSound()
    let second = [Int16](repeating: 9, count: 48_000)
    sound.append([taken(second, isFirst: true)])
    for _ in 0..<99 { sound.append([taken(second)]) }
    #expect(sound.frames == 4_800_000)
    let oldest = sound.piece(from: 0, until: .now)
    #expect(oldest.first >= 4_800_000 - 2 * 20 * 48_000 && oldest.samples.count == 48_000 && !oldest.isStart)
  }

  @Test("a page that waits gets sound when it comes, and nothing after the end")
  func waits() throws {
    let sound = PracticeSound()
    let page = BackgroundThread {
      let piece = sound.piece(from: 0, until: .now.adding(milliseconds: 20_000))
      #expect(piece.samples.count == 2000)
    }
    sound.append([taken([Int16](repeating: 1, count: 2000), isFirst: true)])
    try page.finish()
    sound.close()
    let began = Monotonic.now
    #expect(sound.piece(from: 2000, until: began.adding(milliseconds: 20_000)).samples.isEmpty)
    #expect(Monotonic.now.since(began) < 10_000_000_000)
  }
}
