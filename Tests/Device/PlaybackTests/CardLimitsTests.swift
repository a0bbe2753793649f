import Board
import Testing

@testable import Playback

@Suite("The limits of a card")
struct CardLimitsTests {
  private static let periods = [1, 16, 64, 100, 480, 512, 1024, 2048, 4800, 6000, 48_000]

  @Test("whatever a card negotiates, poll waits for no more room than there is", arguments: periods, [false, true])
  func fits(_ period: Int, _ rewind: Bool) {
    for wanted in [64, 240, 480, 1024, 4800] {
      for buffer in [period, 2 * period, 3 * period, 20 * period, 96_000, 1_000_000] where buffer >= period {
        for isBatch in [false, true] {
          let sound = Board.Sound(pcm: "card", period: wanted, buffer: max(2 * wanted, 9600), rewind: rewind)
          let limits = CardLimits(sound, period: period, buffer: buffer, isBatch: isBatch)
          #expect(limits.queue >= 1 && limits.queue + limits.spare <= buffer)
          #expect(limits.availMin >= 1 && limits.availMin <= min(buffer, FrameHistory.capacity))
          // Poll answers while half of what may be queued still plays.
          #expect(limits.availMin - limits.spare <= max(1, limits.queue / 2))
          #expect(limits.startThreshold >= 1 && limits.startThreshold <= limits.queue)
          #expect(limits.shortQueue <= limits.queue)
        }
      }
    }
  }

  @Test("without rewind two periods of the card are queued, and at least 20 ms where the board's buffer allows")
  func short() {
    func queue(_ wanted: Int, buffer: Int, given: Int) -> Int {
      let sound = Board.Sound(pcm: "card", period: wanted, buffer: buffer, rewind: false)
      return CardLimits(sound, period: given, buffer: 96_000, isBatch: false).queue
    }
    #expect(queue(480, buffer: 9600, given: 480) == 960)
    #expect(queue(480, buffer: 9600, given: 1024) == 2048)
    #expect(queue(480, buffer: 960, given: 1024) == 2048)
    #expect(queue(64, buffer: 9600, given: 64) == 960)
    #expect(queue(64, buffer: 128, given: 64) == 128)
  }

  @Test("a rewind leaves a whole period, where the position moves by whole periods")
  func reserve() {
    let sound = Board.Sound(pcm: "card", rewind: true)
    #expect(CardLimits(sound, period: 480, buffer: 9600, isBatch: false).reserve == 192)
    #expect(CardLimits(sound, period: 480, buffer: 9600, isBatch: true).reserve == 576)
    #expect(CardLimits(sound, period: 64, buffer: 9600, isBatch: true).reserve == 192)
  }
}
