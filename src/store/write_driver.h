/* write_driver.h - an HDF5 file driver that survives a full disk.
 *
 * HDF5 keeps data in caches and cannot close a file whose last writes fail: the
 * file stays open, and ending the program trips over it. This driver remembers the
 * first errno and from then on pretends that every write succeeds, so that HDF5
 * always closes in good order; the writer looks at the errno and throws the file
 * away. I/O thread only.
 */
#ifndef STORE_WRITE_DRIVER_H
#define STORE_WRITE_DRIVER_H

#include <hdf5.h>

/* Register the driver and set it in the file access list `access`. The first errno
 * of a file opened with that list goes to `*error`, which must be 0 before and
 * outlive the file. Returns the driver, to be given back with H5FDunregister, or a
 * negative number. */
hid_t write_driver_set(hid_t access, int *error);

#endif
