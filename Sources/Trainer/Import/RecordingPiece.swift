import KitBuilder

extension Recording {
  /// Returns a piece of the recording.
  ///
  /// - Parameter piece: the range in seconds.
  public func cut(_ piece: Range<Double>) -> Recording {
    Recording(samples: Array(samples[frames(of: piece)]), rate: rate, sha256: sha256, synthetic: synthetic)
  }

  func frames(of piece: Range<Double>) -> Range<Int> {
    let start = max(0, min(samples.count, Int((piece.lowerBound * Double(rate)).rounded())))
    return start..<max(start, min(samples.count, Int((piece.upperBound * Double(rate)).rounded())))
  }
}
