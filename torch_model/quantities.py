"""Names and units of everything that is traced, and the values that are the same for the whole run.

The names, axes and units are a contract with the C program and the rules: change them there too, or not at all.
"""
from __future__ import annotations

import torch

from torch_model.experiment import Experiment

SHAPES = ["square", "round", "gauss", "tophat"]
CONVENTIONS = ["adxv", "mosflm", "denzo", "xds", "dials", "custom"]
PIVOTS = ["beam", "sample"]

_BY_UNIT = {
    "": "spindle_axis source_direction fast_axis slow_axis detector_normal kahn_factor polarization_axis fudge shape interpolate "
        "nopolar oversample_thick oversample_polar oversample_omega point_pixel curved diffracted parallax capture incident "
        "cos_2theta frame_b frame_e polarization hkl F_latt_axis F_latt rho_sqr sphere offset_measure mosaic_rotation left_out vanishes "
        "running_capture running_polar capture_final polar_final beam_direction twotheta_axis ratio ORGX ORGY "
        "vertical_axis convention pivot beam_asked fast_asked slow_asked normal_asked twotheta_axis_asked polarization_asked spindle_asked "
        "fast_set slow_set normal_set close_distance_given Xbeam_given Ybeam_given Xclose_given Yclose_given ORGX_given ORGY_given "
        "ORGX_asked ORGY_asked cell_given matrix_given misset_random matrix beamsize_given source_weight sources_listed round_divergence "
        "point_kept dispersion_asked dispersion dispstep",
    "mm": "dials_origin",
    "m": "fast_side slow_side fast_side_asked slow_side_asked distance_asked distance_set close_distance_asked close_distance_set Xbeam_asked "
         "Ybeam_asked Xclose_asked Yclose_asked Fclose_set Sclose_set Fbeam_set Sbeam_set sample_asked sample_size crystal_width "
         "source_position cell_length distance Xbeam Ybeam Fbeam Sbeam Xclose Yclose Fclose Sclose max_I_fast max_I_slow beamsize cell0 lambda0 source_wavelength pix0 pixel_size subpixel_size close_distance detector_thickness layer_thickness "
         "dmin water layer_depth fast_position slow_position pixel_position airpath wavelength cell_phi cell",
    "1/m": "attenuation q stol", "m^2": "r_e_sqr", "photon/s": "flux", "s": "exposure", "photon/m^2": "fluence fluence_asked",
    "1/angstrom": "reciprocal_length reciprocal_cell reciprocal_set reciprocal_oriented", "angstrom^3": "V_cell cell_volume", "1/angstrom^3": "V_star",
    "rad": "detector_rotation osc_asked phistep_asked cell_angle source_h source_v hdivrange_asked hdivstep_asked vdivrange_asked "
           "vdivstep_asked hdivrange hdivstep vdivrange vdivstep osc misset twotheta phi0 phistep mosaic_spread psi phi_angle", "electron": "default_F F_table F_cell F_background",
    "electron^2": "I_background I_start term I", "photon": "scaled intensity image max_I mean_I rms rmsd", "sr": "omega_sum omega running_omega omega_final",
    "count": "fast_pixels slow_pixels fast_pixels_asked slow_pixels_asked phisteps_asked N_asked source_i source_j source_d "
             "source_columns hdivsteps_asked vdivsteps_asked dispsteps_asked hdivsteps vdivsteps dispsteps sources mosaic_domains phisteps oversample thicksteps steps N sub_slow sub_fast slow fast hkl0 "
             "stencil_h stencil_k stencil_l",
}
_OF_CHOICES_AND_IMAGES = {
    "": "mask_given mask outside_roi masked interpolate_asked kahn_given mosaic_axis deviate noise_asked preview_asked adc_offset noise_regime "
        "noise_gaussian noise_seed_given mosaic_seed_given misset_seed_given",
    "m": "thickness_asked", "1/m": "attenuation_asked", "rad": "mosaic_spread_asked mosaic_angle", "sr": "printed_solid_angle",
    "electron": "reflection_F", "photon": "noise_mean drawn photons_drawn", "1/photon": "scale_asked integer_scale pgm_scale_asked pgm_scale",
    "count": "roi_fast_first roi_fast_last roi_slow_first roi_slow_last oversample_asked mosaic_domains_asked layers_asked deviate_integer "
             "deviate_state reflection_index reflections table_first table_last listed int_image pgm_image noise_image overloads population noise_seed "
             "mosaic_seed misset_seed",
}
UNITS = {name: unit for table in (_BY_UNIT, _OF_CHOICES_AND_IMAGES) for unit, names in table.items() for name in names.split()}


def sizes(experiment: Experiment) -> dict[str, int]:
    """Length of each loop axis but that of the pixels."""
    s = experiment.sampling
    return {"layer": experiment.detector.layers, "subpixel": s.oversample**2, "source": len(experiment.beam.wavelengths),
            "phi": s.phisteps, "mosaic": s.mosaic_domains,
            "abc": 3, "xyz": 3, "uvw": 3, "node_h": 4, "node_k": 4, "node_l": 4}


def put_run_level(experiment: Experiment, probes) -> None:
    """Hand over everything that no loop changes."""
    b, d, c, s = experiment.beam, experiment.detector, experiment.crystal, experiment.sampling
    put, zero = probes.put, 0 * d.pixel_size
    put("flux", b.flux)
    put("exposure", b.exposure)
    put("beamsize", b.beamsize)
    put("fluence", b.fluence)
    put("sources", len(b.wavelengths))
    put("mosaic_domains", s.mosaic_domains)
    put("phisteps", s.phisteps)
    put("oversample", s.oversample)
    put("thicksteps", d.layers)
    put("steps", experiment.steps)
    put("phi0", s.phi0)
    put("phistep", s.phistep)
    put("spindle_axis", s.spindle_axis, "xyz")
    put("cell0", c.cell0, "abc", "xyz")
    put("mosaic_spread", zero if c.mosaic_spread is None else c.mosaic_spread)
    put("mosaic_rotation", torch.eye(3, dtype=zero.dtype, device=zero.device)[None] if c.domains is None else c.domains, "mosaic", "xyz", "uvw")
    put("lambda0", b.central_wavelength)
    put("source_direction", b.directions, "source", "xyz")
    put("source_wavelength", b.wavelengths, "source")
    put("fast_axis", d.axes[0], "xyz")
    put("slow_axis", d.axes[1], "xyz")
    put("detector_normal", d.axes[2], "xyz")
    put("pix0", d.pix0, "xyz")
    put("pixel_size", d.pixel_size)
    put("close_distance", d.close_distance)
    put("detector_thickness", d.thickness)
    put("layer_thickness", d.layer_thickness)
    put("attenuation", d.attenuation)
    put("kahn_factor", b.kahn)
    put("polarization_axis", b.polarization_axis, "xyz")
    put("N", c.cells.long(), "abc")
    put("fudge", c.fudge)
    put("shape", SHAPES.index(c.shape), labels=SHAPES)
    put("default_F", c.default_F)
    put("F_table", c.table, "h", "k", "l", first=dict(zip("hkl", c.first)))
    put("dmin", zero if s.dmin is None else s.dmin)
    put("water", zero if s.water is None else s.water)
    put("interpolate", int(c.interpolate))
    put("nopolar", int(b.nopolar))
    put("oversample_thick", int(s.oversample_thick))
    put("oversample_polar", int(s.oversample_polar))
    put("oversample_omega", int(s.oversample_omega))
    put("point_pixel", int(d.point_pixel))
    put("curved", int(d.curved))
    sub = [divmod(i, s.oversample) for i in range(s.oversample**2)]
    put("sub_slow", [slow for slow, _ in sub], "subpixel")
    put("sub_fast", [fast for _, fast in sub], "subpixel")
