import Testing

@testable import KitBuilder

@Suite("The WAV writer")
struct WaveFileTests {
  private let shop: Workshop

  init() throws { shop = try Workshop() }

  private func read(_ bytes: [UInt8]) throws -> Recording { try Recording(path: shop.put("a.wav", bytes)) }

  @Test("a part of a recording is unchanged, sample for sample")
  func exact() throws {
    let samples = (0..<48_000).map { Int32(truncatingIfNeeded: $0 &* 2_654_435_761) } + [.min, .max, 0]
    let whole = WaveFile.bytes(samples, rate: 48_000, bits: 24)
    let recording = try read(whole)
    #expect(WaveFile.bytes(recording.samples[...], rate: 48_000) == whole)
  }

  @Test("values beyond full scale are clipped, and NaN becomes silence")
  func beyond() throws {
    let recording = try read(WaveFile.bytes([2, -2, .infinity, -.infinity, .nan, 1e30, 0.5], rate: 8000))
    let highest = Float(8_388_607) / 8_388_608
    #expect(recording.samples == [highest, -1, highest, -1, 0, highest, 0.5])
    #expect(recording.rate == 8000)
  }
}
