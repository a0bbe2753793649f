import CSndFile

/// Encodes samples as RIFF WAVE files.
public enum WaveFile {
  /// The memory that libsndfile writes to. The file is written by the kernel's calls, whose errors say why writing failed.
  private final class Memory {
    var bytes: [UInt8] = []
    var position = 0
  }

  /// Returns a RIFF WAVE file with one channel of 24 bits. Samples that came from 24 bits or fewer are unchanged; values
  /// beyond full scale are clipped, and NaN becomes silence.
  public static func bytes(_ samples: ArraySlice<Float>, rate: Int) -> [UInt8] {
    let whole = samples.map { sample in
      let bounded = sample.isNaN ? 0 : min(max(Double(sample), -1), 1)
      return Int32(min((bounded * 8_388_608).rounded(), 8_388_607)) << 8
    }
    return bytes(whole, rate: rate, bits: 24)
  }

  /// Returns a RIFF WAVE file with one channel. sf_open_virtual(3)
  ///
  /// - Parameters:
  ///   - samples: full scale is 32 bits, the highest bit first.
  ///   - rate: Hz.
  ///   - bits: 16 or 24; lower bits are discarded.
  package static func bytes(_ samples: [Int32], rate: Int, bits: Int) -> [UInt8] {
    let memory = Memory()
    memory.bytes.reserveCapacity(samples.count * bits / 8 + 64)
    var calls = SF_VIRTUAL_IO(
      get_filelen: { sf_count_t(Self.memory($0).bytes.count) },
      seek: { offset, whence, context in
        let memory = Self.memory(context)
        let base = whence == CInt(SF_SEEK_SET) ? 0 : whence == CInt(SF_SEEK_CUR) ? memory.position : memory.bytes.count
        memory.position = base + Int(offset)
        return sf_count_t(memory.position)
      },
      read: { to, count, context in
        let memory = Self.memory(context)
        let part = memory.bytes[min(memory.position, memory.bytes.count)...].prefix(Int(count))
        part.withUnsafeBytes { if let from = $0.baseAddress { to?.copyMemory(from: from, byteCount: $0.count) } }
        memory.position += part.count
        return sf_count_t(part.count)
      },
      write: { from, count, context in
        let memory = Self.memory(context)
        let part = UnsafeRawBufferPointer(start: from, count: Int(count))
        let end = memory.position + part.count
        memory.bytes.replaceSubrange(memory.position..<min(end, memory.bytes.count), with: part)
        memory.position = end
        return count
      },
      tell: { sf_count_t(Self.memory($0).position) })
    var info = SF_INFO()
    info.samplerate = CInt(rate)
    info.channels = 1
    info.format = CInt(SF_FORMAT_WAV) | CInt(bits == 16 ? SF_FORMAT_PCM_16 : SF_FORMAT_PCM_24)
    let file = sf_open_virtual(&calls, CInt(SFM_WRITE), &info, Unmanaged.passUnretained(memory).toOpaque())
    // It fails only for unsupported formats.
    precondition(file != nil, String(cString: sf_strerror(nil)))
    sf_writef_int(file, samples, sf_count_t(samples.count))
    sf_close(file)
    return withExtendedLifetime(memory) { memory.bytes }
  }

  private static func memory(_ context: UnsafeMutableRawPointer?) -> Memory {
    Unmanaged<Memory>.fromOpaque(context!).takeUnretainedValue()
  }
}
