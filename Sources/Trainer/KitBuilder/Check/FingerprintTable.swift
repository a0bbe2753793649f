/// Fingerprints side by side in memory. A large project has millions of pairs to compare.
struct FingerprintTable: Sendable {
  /// Of each fingerprint the bits of its moments, and after them which moments have speech.
  private var bytes: [UInt8] = []
  /// Where each begins, and its number of moments: 0 for a recording without one.
  private var places: [(start: Int, length: Int)] = []

  /// Creates a table; the fingerprints keep their order.
  init(_ fingerprints: [Fingerprint?]) {
    for fingerprint in fingerprints {
      places.append((bytes.count, fingerprint?.length ?? 0))
      if let fingerprint { bytes += fingerprint.bits + fingerprint.spoken }
    }
  }

  /// Returns the per cent of agreement of two fingerprints in the part where they differ most, at the best alignment: a
  /// copy agrees everywhere, but two sentences that differ in one word do not.
  ///
  /// - Parameters:
  ///   - one: the index of a fingerprint.
  ///   - other: the index of another one; the order does not matter.
  func likeness(_ one: Int, _ other: Int) -> Double {
    let isLonger = places[one].length >= places[other].length
    let (a, b) = isLonger ? (places[one], places[other]) : (places[other], places[one])
    let needed = max(Alignment.least, Int(Alignment.overlap * Double(a.length)))
    if b.length < needed { return 0 }
    return bytes.withUnsafeBytes { bytes in
      Alignment(
        a: UnsafeRawBufferPointer(rebasing: bytes[a.start..<a.start + 2 * a.length]),
        b: UnsafeRawBufferPointer(rebasing: bytes[b.start..<b.start + 2 * b.length]), needed: needed
      ).likeness
    }
  }
}

/// Two fingerprints, of which `a` is at least as long as `b`.
private struct Alignment {
  /// The minimum of moments with speech for a comparison: shorter recordings are similar by chance.
  static let least = 20
  /// The part of the longer fingerprint that the two must have in common.
  static let overlap = 0.6
  /// The number of moments from which a third of them suffices for the first comparison.
  private static let long = 100
  /// The maximum of moments by which the beginning of one may be cut off.
  private static let shift = 40
  /// Total agreement below which no closer comparison is made: at a shift beside the best, and at the best.
  private static let promising = 0.65
  private static let worthwhile = 0.75
  /// Moments of a part in the closer comparison: about the length of a word.
  private static let window = 24

  let a: UnsafeRawBufferPointer
  let b: UnsafeRawBufferPointer
  /// The minimum of moments in common.
  let needed: Int

  /// The numbers of moments.
  private var aLength: Int { a.count / 2 }
  private var bLength: Int { b.count / 2 }

  var likeness: Double {
    // A moment contains half of its neighbours, so a copy is also recognised at an adjacent shift. For a long recording
    // a part of the moments suffices to exclude a copy.
    let rough = best(stride(from: -Self.shift, through: Self.shift, by: 3), every: bLength > Self.long ? 3 : 1)
    if rough.agreement < Self.promising { return 0 }
    let best = best(stride(from: rough.shift - 2, through: rough.shift + 2, by: 1), every: 1)
    if best.agreement < Self.worthwhile { return 0 }
    var least = best.agreement
    let begin = max(0, -best.shift)
    let end = min(bLength, aLength - best.shift)
    for start in stride(from: begin, to: max(begin + 1, end - Self.window + 1), by: 8) {
      let (same, all) = agreement(from: start, to: min(end, start + Self.window), shift: best.shift, every: 1)
      // A pause gives no evidence.
      if all >= 8 * Self.window / 2 { least = min(least, Double(same) / Double(all)) }
    }
    return 100 * least
  }

  /// Returns the shift with the best agreement: moment `index` of `b` is aligned with `index + shift` of `a`.
  private func best(_ shifts: StrideThrough<Int>, every step: Int) -> (agreement: Double, shift: Int) {
    var best = (agreement: 0.0, shift: 0)
    for shift in shifts {
      let begin = max(0, -shift)
      let end = min(bLength, aLength - shift)
      if end - begin < needed { continue }
      let (same, all) = agreement(from: begin, to: end, shift: shift, every: step)
      if all >= 8 * Self.least / step, Double(same) > best.agreement * Double(all) {
        best = (Double(same) / Double(all), shift)
      }
    }
    return best
  }

  /// Returns the number of bits that agree in moments where both have speech, and of bits in moments where either has.
  /// It compares eight moments at a time, every `step`th time.
  private func agreement(from begin: Int, to end: Int, shift: Int, every step: Int) -> (same: Int, all: Int) {
    var (same, all) = (ByteSums(), ByteSums())
    let (aSpoken, bSpoken) = (aLength, bLength)
    var index = begin
    while index + 8 <= end {
      let x = a.loadUnaligned(fromByteOffset: index + shift, as: UInt64.self)
      let y = b.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      let mx = a.loadUnaligned(fromByteOffset: aSpoken + index + shift, as: UInt64.self)
      let my = b.loadUnaligned(fromByteOffset: bSpoken + index, as: UInt64.self)
      same.add(bitsOf: ~(x ^ y) & mx & my)
      all.add((mx | my) & 0x0101_0101_0101_0101)
      index += 8 * step
    }
    // The last moments of the part, fewer than eight.
    while index < end {
      let (mx, my) = (a[aSpoken + index + shift], b[bSpoken + index])
      same.total += (~(a[index + shift] ^ b[index]) & mx & my).nonzeroBitCount
      all.total += (mx | my) & 1 == 0 ? 0 : 1
      index += 1
    }
    return (same.sum, 8 * all.sum)
  }
}

/// Counts, in eight bytes side by side: a processor may have no instruction that counts bits.
private struct ByteSums {
  /// What the bytes do not hold.
  var total = 0
  private var bytes: UInt64 = 0
  private var additions = 0

  /// Adds eight counts, each at most 8.
  @inline(__always) mutating func add(_ counts: UInt64) {
    bytes &+= counts
    additions += 1
    // 31 times 8 fit into a byte.
    if additions == 31 { flush() }
  }

  /// Adds the number of bits in each byte of a word.
  @inline(__always) mutating func add(bitsOf word: UInt64) {
    let pairs = word &- (word &>> 1 & 0x5555_5555_5555_5555)
    let nibbles = (pairs & 0x3333_3333_3333_3333) &+ (pairs &>> 2 & 0x3333_3333_3333_3333)
    add((nibbles &+ nibbles &>> 4) & 0x0F0F_0F0F_0F0F_0F0F)
  }

  private mutating func flush() {
    let pairs = (bytes & 0x00FF_00FF_00FF_00FF) &+ (bytes &>> 8 & 0x00FF_00FF_00FF_00FF)
    total += Int((pairs &* 0x0001_0001_0001_0001) &>> 48)
    (bytes, additions) = (0, 0)
  }

  /// All counts together.
  var sum: Int {
    var sums = self
    sums.flush()
    return sums.total
  }
}
