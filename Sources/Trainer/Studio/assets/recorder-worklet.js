// Runs in the audio thread of browsers that do not hand over the microphone's own blocks. Hands over blocks of samples
// with the number of their first frame and the time of their end, and marks a block that follows audio that was lost: a
// hole in the numbers, or blocks of zeros amid sound, which a browser inserts when it is late.
registerProcessor("recorder", class extends AudioWorkletProcessor {
  constructor() {
    super()
    this.begin(false)
    this.next = -1
    this.soundsAtEnd = false
    this.isGap = false
  }

  begin(isTorn) {
    this.block = new Float32Array(1024)
    this.count = 0
    this.isTorn = isTorn
  }

  send() {
    const samples = this.count === this.block.length ? this.block : this.block.slice(0, this.count)
    this.port.postMessage({ first: this.first, samples, clock: Date.now(), isTorn: this.isTorn }, [samples.buffer])
    this.begin(false)
  }

  /** Returns whether zeros amid sound end before these samples. A microphone's own silence begins and ends anywhere. */
  endsGap(samples) {
    const sounds = (part) => part.some((sample) => sample !== 0)
    const isSilent = !sounds(samples)
    const isTorn = this.isGap && sounds(samples.subarray(0, 4))
    this.isGap = isSilent && (this.isGap || this.soundsAtEnd)
    this.soundsAtEnd = sounds(samples.subarray(-4))
    return isTorn
  }

  process([input]) {
    const samples = input[0]
    if (!samples) return true // its frames are missing from the next block on
    const isHole = this.next >= 0 && currentFrame !== this.next
    if (this.endsGap(samples) || isHole) {
      if (this.count > 0) this.send()
      this.begin(true)
    }
    this.next = currentFrame + samples.length
    for (let at = 0; at < samples.length;) {
      if (this.count === 0) this.first = currentFrame + at
      const part = samples.subarray(at, at + this.block.length - this.count)
      this.block.set(part, this.count)
      this.count += part.length
      at += part.length
      if (this.count === this.block.length) this.send()
    }
    return true
  }
})
