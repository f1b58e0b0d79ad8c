/* clip.h - keep a gradient from being too long (Pascanu et al. 2013). */
#ifndef LOCKSTEP_OPTIM_CLIP_H
#define LOCKSTEP_OPTIM_CLIP_H

/* What to multiply a gradient of 2-norm `norm` by, so that its norm is at most
 * `limit`: min(1, limit / (norm + 1e-6)), as PyTorch's clip_grad_norm_. A limit
 * of 0 clips nothing. Whether the norm is finite is the caller's to look at. */
double clip_factor(double norm, double limit);

#endif
